//! The house of these tests: a SIP callee on the far end, the robot, the desk, and people with their pages open.

use super::page::Page;
use crate::line::{Deaf, Line, NoSpeech, ROBOT_HZ, Said, next_ports};
use crate::rig::callee;
use callsmith::audio::tone::level_of;
use callsmith::audio::wav;
use callsmith::call::command::Command;
use callsmith::call::registry::Registry;
use callsmith::desk::board::Board;
use callsmith::desk::member::{Member, Skill};
use callsmith::desk::news::DeskEvent;
use callsmith::desk::presence::{Presence, Wish};
use callsmith::desk::{Desk, DeskSettings, Person};
use callsmith::farend;
use callsmith::farend::scenario::{Act, Answer, Scenario};
use callsmith::store::TenantId;
use callsmith::terms::{CallEvent, CallId, Clock, Happening};
use jiff::tz::TimeZone;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{broadcast, mpsc};
use tokio_util::sync::CancellationToken;

const PLAN: &str = include_str!("../../data/dialplans/good/keys.yaml");
const CALLEE_HZ: u32 = 700;
pub const LI_HZ: u32 = 1000;
pub const WU_HZ: u32 = 1300;
pub const BOSS_HZ: u32 = 1700;
const ALL: [(&str, u32); 5] = [
    ("robot", ROBOT_HZ as u32),
    ("callee", CALLEE_HZ),
    ("li", LI_HZ),
    ("wu", WU_HZ),
    ("boss", BOSS_HZ),
];
pub const BOSS: i64 = 99;

/// Whose tones are in this sound.
pub fn voices(sound: &[i16]) -> Vec<&'static str> {
    let is_in = |hz: u32| level_of(sound, f64::from(hz)) > -35.0;
    ALL.iter()
        .filter(|(_, hz)| is_in(*hz))
        .map(|(name, _)| *name)
        .collect()
}

/// Whose tones are ever in it, by 200 ms.
pub fn ever(sound: &[i16]) -> Vec<&'static str> {
    let heard: Vec<_> = sound.chunks_exact(1600).map(voices).collect();
    ALL.iter()
        .map(|(name, _)| *name)
        .filter(|n| heard.iter().any(|h| h.contains(n)))
        .collect()
}

pub fn person(user: i64, name: &str) -> Person {
    Person {
        user,
        tenant: TenantId::PLATFORM,
        name: name.into(),
    }
}

fn member(user: i64, name: &str) -> Member {
    Member {
        user: Some(user),
        tenant: TenantId::PLATFORM,
        id: name.into(),
        name: name.into(),
        uri: None,
        skills: vec![Skill::parse("sales")],
        hours: None,
        zone: TimeZone::UTC,
    }
}

/// The people's side of the call.
pub struct People {
    pub desk: Desk,
    pub registry: Registry,
    pub call: CallId,
    pub events: mpsc::UnboundedReceiver<CallEvent>,
    pub news: broadcast::Receiver<DeskEvent>,
}

impl People {
    /// Opens somebody's page with audio.
    pub async fn page(&self, who: &Person, hz: u32) -> Page {
        let mut page = Page::open(hz).await;
        self.connect(who, &mut page).await;
        page
    }

    pub async fn connect(&self, who: &Person, page: &mut Page) {
        let mut news = self.desk.events();
        let before = self.desk.me(who.user).line;
        let connected = self.desk.connect(who, &page.offer).await.unwrap();
        page.answered(&connected.sdp).await;
        // The server's side of the connection stands a moment after the browser's.
        while before.is_none() && self.desk.me(who.user).line.is_none() {
            let _ = news.recv().await;
        }
    }

    pub async fn ready(&self, user: i64, name: &str, hz: u32) -> Page {
        let page = self.page(&person(user, name), hz).await;
        self.desk.choose(user, Wish::Ready).unwrap();
        page
    }

    /// Waits for something to happen in the call.
    pub async fn until(&mut self, want: impl Fn(&Happening) -> bool) -> CallEvent {
        let wait = async {
            loop {
                let event = self.events.recv().await.expect("it happens before the end");
                if want(&event.what) {
                    return event;
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(40), wait)
            .await
            .expect("it happens")
    }

    /// Waits until the call is offered to this user.
    pub async fn offered(&mut self, user: i64) {
        let wait = async {
            while self.desk.offer(user, &self.call).is_none() {
                let _ = self.news.recv().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(40), wait)
            .await
            .expect("it is offered");
    }

    /// Waits until somebody is what he should be.
    pub async fn is(&mut self, user: i64, presence: Presence) {
        let wait = async {
            while self.desk.me(user).presence != presence {
                let _ = self.news.recv().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(40), wait)
            .await
            .expect("he is");
    }

    pub async fn bridge(&mut self, user: i64) {
        self.offered(user).await;
        self.desk.accept(user, &self.call).await.unwrap();
        self.until(|h| matches!(h, Happening::Bridged { .. })).await;
    }

    pub async fn hang_up(&self) {
        let (by, reason) = ("test".into(), "done".into());
        let _ = self
            .registry
            .ask(&self.call, Command::Hangup { by, reason })
            .await;
    }
}

/// So long a page listens; what it heard in it.
pub async fn hears(page: &Page) -> Vec<&'static str> {
    // What was on its way belongs to before.
    while page.heard().len() < 3200 {
        tokio::task::yield_now().await;
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let mut sound = Vec::new();
    while sound.len() < 6400 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        sound.extend(page.heard());
    }
    voices(&sound)
}

pub struct Stage {
    pub said: Said,
    /// What the callee heard.
    pub callee: Vec<i16>,
}

pub const LI: (i64, &str, u32) = (1, "li", LI_HZ);
pub const WU: (i64, &str, u32) = (2, "wu", WU_HZ);

/// A call whose callee presses 0 for a person and then hums; those in `ready` are, with their pages open, and `act` is what
/// people do.
pub async fn stage<F>(ready: &[(i64, &str, u32)], act: impl FnOnce(People, Vec<Page>) -> F) -> Stage
where
    F: Future<Output = ()>,
{
    let folder = tempfile::tempdir().unwrap();
    let at_callee = folder.path().join("at-callee.wav");
    let asks = Act::WaitRobot {
        min_speech_ms: 300,
        quiet_ms: 600,
        max_ms: 10_000,
    };
    let digits = "0".into();
    let hums = Act::Tone {
        hz: CALLEE_HZ,
        ms: 60_000,
        level_db: -20.0,
    };
    let mut customer = callee(
        Answer::Ring { ms: 100 },
        vec![asks, Act::Dtmf { digits }, hums],
    );
    customer.record = Some(at_callee.clone());
    let ports = next_ports();
    let mut scenario = Scenario::on_loopback();
    scenario.rtp_base = ports;
    scenario.callees = vec![customer];
    let far = farend::start(scenario).unwrap();
    let registry = Registry::default();
    let desk = Desk::new(
        DeskSettings::default(),
        registry.clone(),
        Board::default(),
        Clock::system(),
        None,
    );
    desk.staff(vec![member(1, "li"), member(2, "wu")]);
    let (to_desk, for_desk) = broadcast::channel(4096);
    let stop = CancellationToken::new();
    let running = tokio::spawn({
        let (desk, stop) = (desk.clone(), stop.clone());
        async move { desk.run(for_desk, stop).await }
    });
    let (tell, events) = mpsc::unbounded_channel();
    let people = People {
        news: desk.events(),
        desk,
        registry: registry.clone(),
        call: CallId(format!("it-{ports}")),
        events,
    };
    let mut pages = Vec::new();
    for (user, name, hz) in ready {
        pages.push(people.ready(*user, name, *hz).await);
    }
    let line = Line {
        trunk: far.sip,
        dialplan: PLAN,
        agent: None,
        ports,
        ring_timeout: Duration::from_secs(10),
        rtp_timeout: Duration::from_secs(15),
        folder: folder.path(),
        recognizer: Arc::new(Deaf),
        vad: || Box::new(NoSpeech),
        voice_ms: 500,
    };
    let watch = move |event: &CallEvent| {
        let _ = to_desk.send(event.clone());
        let _ = tell.send(event.clone());
    };
    let (said, ()) = tokio::join!(line.call_with(registry, watch, None), act(people, pages));
    far.stop().await.unwrap();
    stop.cancel();
    running.await.unwrap();
    let callee = wav::read(&at_callee).unwrap();
    Stage { said, callee }
}

pub fn at(said: &Said, want: impl Fn(&Happening) -> bool) -> u64 {
    let found = said.events.iter().find(|e| want(&e.what));
    found.expect("it happened").at.0
}

/// The longest silence at the callee between the agent's last sound and the robot's first after it, ms, and whether the
/// agent was heard again after the robot.
pub fn gap(sound: &[i16]) -> (usize, bool) {
    let frames: Vec<&[i16]> = sound.chunks_exact(160).collect();
    let is = |frame: &&[i16], hz: u32| level_of(frame, f64::from(hz)) > -30.0;
    let mut last = frames
        .iter()
        .position(|f| is(f, LI_HZ))
        .expect("the agent is heard");
    for (i, frame) in frames.iter().enumerate().skip(last) {
        if is(frame, LI_HZ) {
            last = i;
        } else if i > last + 10 && is(frame, ROBOT_HZ as u32) {
            let again = frames[i..].iter().any(|f| is(f, LI_HZ));
            return ((i - last) * 20, again);
        }
    }
    panic!("the robot is never heard after the agent");
}
