//! An endpoint with one trunk that leads to a [`FarEnd`].

pub use super::super::leg::{Leg, LegCommand, LegEvent};
use super::super::{Endpoint, EndpointConfig, Invite, Target, Trunk};
use super::far_end::{FarEnd, Msg, in_dialog, within};
use crate::terms::{CallId, CauseKind, EndedBy, HangupCause, Phone};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

pub const OFFER: &str = "v=0\r\no=robot 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n";
pub const ANSWER: &str = "v=0\r\no=far 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 5000 RTP/AVP 8\r\n";
pub const HOLD: &str = "v=0\r\no=far 1 2 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 5000 RTP/AVP 8\r\na=sendonly\r\n";

pub fn trunk(far: SocketAddr, more: &str) -> Arc<Trunk> {
    let text = format!("name = \"t\"\nhost = \"{far}\"\ncaller_ids = [\"1000\"]\n{more}");
    Arc::new(Trunk::parse(&text, "t.toml").unwrap())
}

/// A trunk with the password `secret`.
pub fn trunk_with_password(far: SocketAddr, more: &str) -> Arc<Trunk> {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("pw"), "secret\n").unwrap();
    let file = dir.path().join("t.toml");
    let text = format!(
        "name = \"t\"\nhost = \"{far}\"\ncaller_ids = [\"1000\"]\nusername = \"u\"\npassword_file = \"pw\"\n{more}"
    );
    std::fs::write(&file, text).unwrap();
    Arc::new(Trunk::load(&file).unwrap())
}

pub struct Rig {
    pub endpoint: Endpoint,
    pub far: FarEnd,
    pub trunk: Arc<Trunk>,
    pub shutdown: CancellationToken,
}

impl Rig {
    pub async fn new() -> Rig {
        let far = FarEnd::new().await;
        let trunk = trunk(far.addr(), "");
        Rig::with(far, trunk).await
    }

    pub async fn with(far: FarEnd, trunk: Arc<Trunk>) -> Rig {
        Rig::tuned(far, trunk, |_| {}).await
    }

    pub async fn tuned(
        far: FarEnd,
        trunk: Arc<Trunk>,
        tune: impl FnOnce(&mut EndpointConfig),
    ) -> Rig {
        let mut config = EndpointConfig::new("127.0.0.1:0".parse().unwrap());
        config.trunks = vec![trunk.clone()];
        tune(&mut config);
        let shutdown = CancellationToken::new();
        let endpoint = Endpoint::start(config, shutdown.clone()).await.unwrap();
        Rig {
            endpoint,
            far,
            trunk,
            shutdown,
        }
    }

    pub fn invite(&self) -> Invite {
        Invite {
            target: Target::Trunk {
                trunk: self.trunk.clone(),
                number: Phone::new("+8613800138000"),
            },
            caller_id: "1000".into(),
            display_name: None,
            call_id: CallId("call-1".into()),
            offer: OFFER.as_bytes().to_vec(),
            ring_timeout: Duration::from_secs(60),
        }
    }

    pub fn dial(&self) -> Leg {
        self.endpoint.invite(self.invite())
    }

    /// A call that the far end has answered, with the INVITE and the ACK seen.
    pub async fn talk(&mut self, more: &[&str]) -> (Leg, Msg) {
        let mut leg = self.dial();
        let invite = self.far.expect("INVITE").await;
        self.far
            .reply(&invite, "200 OK", "far1", more, ANSWER)
            .await;
        self.far.expect("ACK").await;
        match event(&mut leg).await {
            LegEvent::Answered { sdp } => assert_eq!(sdp, ANSWER.as_bytes()),
            other => panic!("{other:?}"),
        }
        (leg, invite)
    }

    /// Sends a request of the far end inside the dialog.
    pub async fn request(&self, invite: &Msg, method: &str, cseq: u32, more: &[&str], body: &str) {
        let text = in_dialog(invite, "far1", method, cseq, self.far.addr(), more, body);
        self.far.send(&text, invite.from).await;
    }

    /// The far end hangs up; the leg must end normally.
    pub async fn far_hangs_up(&mut self, leg: &mut Leg, invite: &Msg, cseq: u32) {
        self.request(invite, "BYE", cseq, &[], "").await;
        self.far.expect("SIP/2.0 200").await;
        let cause = ended(leg).await;
        assert_eq!((cause.kind, cause.by), (CauseKind::Normal, EndedBy::Callee));
    }
}

pub async fn event(leg: &mut Leg) -> LegEvent {
    within("an event", leg.events.recv())
        .await
        .expect("the leg closed without Ended")
}

/// The next event must be the end, and nothing may follow it.
pub async fn ended(leg: &mut Leg) -> HangupCause {
    let cause = match event(leg).await {
        LegEvent::Ended(cause) => cause,
        other => panic!("wanted the end, got {other:?}"),
    };
    within("the channel's end", async {
        if let Some(more) = leg.events.recv().await {
            panic!("{more:?} after the end");
        }
    })
    .await;
    cause
}

pub async fn hang_up(leg: &Leg, reason: &str) {
    let reason = reason.to_string();
    leg.commands
        .send(LegCommand::Hangup { reason })
        .await
        .unwrap();
}
