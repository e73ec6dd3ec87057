//! A rehearsal by voice. With `--features mic` the machine's sound card becomes a telephone: a real call, RTP and all, whose
//! far end is the microphone and the speaker.

use crate::dialogue::traits::Embedder;
use crate::dialogue::{Dialplan, Lead};
use anyhow::Result;
use std::path::PathBuf;
use std::sync::Arc;

#[cfg(not(feature = "mic"))]
pub async fn run(
    _plan: Arc<Dialplan>,
    _dir: PathBuf,
    _lead: Lead,
    _mind: Option<Arc<dyn Embedder>>,
) -> Result<bool> {
    anyhow::bail!(
        "this build has no microphone; install libasound2-dev and build with: cargo build --release --features mic"
    )
}

#[cfg(feature = "mic")]
pub use with_sound_card::run;

#[cfg(feature = "mic")]
mod with_sound_card {
    use super::{Arc, Dialplan, Embedder, Lead, PathBuf, Result};
    use crate::app::live::Live;
    use crate::app::meanings::Queue as Meaning;
    use crate::app::{dial, wiring};
    use crate::audio::resample::convert;
    use crate::audio::{FRAME, Frame, RATE};
    use crate::call::kit::{Kit, OptOutBook};
    use crate::call::outside::Meanings;
    use crate::call::registry::Registry;
    use crate::call::task::{self, CallSpec};
    use crate::media::port::{Incoming, Port, PortRange};
    use crate::media::wheel::{Wheel, WheelHandle};
    use crate::sip::leg::{LegCommand, LegDriver, LegEvent, pair};
    use crate::sip::{Invite, Target};
    use crate::terms::{CallEvent, CallId, CauseKind, EndedBy, HangupCause, Ms, Phone};
    use anyhow::{Context, anyhow};
    use cpal::traits::{DeviceTrait, HostTrait, StreamTrait};
    use std::collections::{BTreeMap, VecDeque};
    use std::future::Future;
    use std::net::{IpAddr, Ipv4Addr};
    use std::pin::Pin;
    use std::sync::{Mutex, PoisonError};
    use std::time::Duration;

    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
    const PORTS: PortRange = PortRange {
        first: 22_000,
        last: 22_099,
    };
    /// Sound that may wait on its way to or from the card: half a second.
    const WAITING: usize = RATE as usize / 2;

    type Queue = Arc<Mutex<VecDeque<i16>>>;

    pub async fn run(
        plan: Arc<Dialplan>,
        dir: PathBuf,
        lead: Lead,
        mind: Option<Arc<dyn Embedder>>,
    ) -> Result<bool> {
        let engines = wiring::load(&crate::app::cli::EarArgs::default())?;
        let loaded = crate::app::launcher::Loaded {
            dialplan: plan.clone(),
            dir: dir.clone(),
        };
        let progress = crate::app::dial_command::bar();
        dial::render_fixed(
            &engines.studio,
            &BTreeMap::from([(plan.lang, loaded)]),
            &progress,
        )
        .await?;
        progress.finish_and_clear();
        let (heard, spoken) = (Queue::default(), Queue::default());
        // The streams stop when they are dropped, at the end of the call.
        let _streams = sound_card(&heard, &spoken)?;
        println!("Speak. Ctrl-C ends; headphones keep the robot from hearing itself.\n");
        let live = Arc::new(Live::default());
        let wheel = Wheel::start()?;
        let far = Phoneset {
            heard,
            spoken,
            wheel: wheel.clone(),
        };
        let kit = Kit {
            dial: Box::new(move |invite| far.ring(invite)),
            studio: engines.studio,
            recognizer: engines.listening.recognizer,
            vad: engines.listening.vad,
            denoiser: engines.listening.denoiser,
            hearing: engines.listening.hearing,
            wheel,
            rtp_ports: PORTS,
            media_ip: HERE,
            recorder: None,
            opt_outs: Arc::new(Nowhere),
            meanings: mind.map(|m| {
                let queue: Arc<dyn Meanings> = Arc::new(Meaning::start(m));
                queue
            }),
            outside: Arc::new(crate::call::outside::Nowhere),
            sink: Arc::new(move |event: &CallEvent| live.show(event)),
            registry: Registry::default(),
            rtp_timeout: Duration::from_secs(15),
            agent_ring_timeout: Duration::from_secs(1),
        };
        let id = CallId("rehearsal".into());
        let spec = CallSpec {
            id,
            target: Target::Uri("sip:you@localhost".into()),
            trunk: "microphone".into(),
            caller_id: String::new(),
            phone: Phone::new("you"),
            lang: plan.lang,
            dialplan: plan,
            dialplan_dir: dir,
            lead,
            ring_timeout: Duration::from_secs(5),
            recording: None,
        };
        task::run(Arc::new(kit), spec).await?;
        Ok(true)
    }

    /// A rehearsal puts nobody on a list.
    struct Nowhere;

    impl OptOutBook for Nowhere {
        fn opt_out(
            &self,
            _: &CallId,
            _: &Phone,
            _: &str,
        ) -> Pin<Box<dyn Future<Output = Result<(), String>> + Send>> {
            Box::pin(async { Ok(()) })
        }
    }

    /// The far end of the call: answers at once, sends the microphone, plays what comes.
    struct Phoneset {
        heard: Queue,
        spoken: Queue,
        wheel: WheelHandle,
    }

    impl Phoneset {
        fn ring(&self, invite: Invite) -> crate::sip::leg::Leg {
            let (leg, driver) = pair();
            let (heard, spoken, wheel) =
                (self.heard.clone(), self.spoken.clone(), self.wheel.clone());
            tokio::spawn(async move {
                let ended = talk(&invite, driver, heard, spoken, wheel).await;
                if let Err(e) = ended {
                    eprintln!("the sound card's end of the call failed: {e:#}");
                }
            });
            leg
        }
    }

    async fn talk(
        invite: &Invite,
        mut far: LegDriver,
        heard: Queue,
        spoken: Queue,
        wheel: WheelHandle,
    ) -> Result<()> {
        let mut port = Port::bind(HERE, PORTS, rand::random())?;
        let sdp = port.answer(Some(&invite.offer))?;
        far.events.send(LegEvent::Answered { sdp }).await?;
        let mut ticks = wheel.register();
        let mut now = Ms(0);
        loop {
            tokio::select! {
                command = far.commands.recv() => {
                    if matches!(command, Some(LegCommand::Hangup { .. })) {
                        let cause = HangupCause::new(CauseKind::Normal, EndedBy::Us, "");
                        let _ = far.events.send(LegEvent::Ended(cause)).await;
                    }
                    return Ok(());
                }
                _ = ticks.next() => {
                    now = now.after(20);
                    let mut incoming = Incoming::default();
                    port.tick(now, &mut incoming);
                    if let Some(frame) = incoming.frame {
                        let mut queue = lock(&spoken);
                        queue.extend(frame);
                        let over = queue.len().saturating_sub(WAITING);
                        queue.drain(..over);
                    }
                    let mut frame: Frame = [0; FRAME];
                    let mut queue = lock(&heard);
                    for sample in &mut frame {
                        *sample = queue.pop_front().unwrap_or_default();
                    }
                    drop(queue);
                    port.send(&frame);
                }
            }
        }
    }

    fn sound_card(heard: &Queue, spoken: &Queue) -> Result<(cpal::Stream, cpal::Stream)> {
        let host = cpal::default_host();
        let microphone = host
            .default_input_device()
            .context("this machine has no microphone")?;
        let speaker = host
            .default_output_device()
            .context("this machine has no speaker")?;
        let config = microphone
            .default_input_config()
            .map_err(|e| anyhow!("microphone: {e}"))?;
        let (rate, channels) = (config.sample_rate(), usize::from(config.channels()));
        let queue = heard.clone();
        let input = microphone.build_input_stream(
            config.config(),
            move |data: &[f32], _: &cpal::InputCallbackInfo| {
                let mono: Vec<f32> = data.chunks(channels.max(1)).map(|c| c[0]).collect();
                let mut queue = lock(&queue);
                queue.extend(
                    convert(&mono, rate, RATE)
                        .iter()
                        .map(|s| (s * 32767.0) as i16),
                );
                let over = queue.len().saturating_sub(WAITING);
                queue.drain(..over);
            },
            |e| eprintln!("microphone: {e}"),
            None,
        )?;
        let config = speaker
            .default_output_config()
            .map_err(|e| anyhow!("speaker: {e}"))?;
        let (rate, channels) = (config.sample_rate(), usize::from(config.channels()));
        let queue = spoken.clone();
        let output = speaker.build_output_stream(
            config.config(),
            move |data: &mut [f32], _: &cpal::OutputCallbackInfo| {
                let wanted = data.len() / channels.max(1);
                let needed = (wanted * RATE as usize).div_ceil(rate as usize);
                let mut queue = lock(&queue);
                let n = needed.min(queue.len());
                let at_8k: Vec<f32> = queue.drain(..n).map(|s| f32::from(s) / 32768.0).collect();
                drop(queue);
                let sound = convert(&at_8k, RATE, rate);
                for (i, out) in data.chunks_mut(channels.max(1)).enumerate() {
                    out.fill(sound.get(i).copied().unwrap_or_default());
                }
            },
            |e| eprintln!("speaker: {e}"),
            None,
        )?;
        input.play()?;
        output.play()?;
        Ok((input, output))
    }

    fn lock(queue: &Queue) -> std::sync::MutexGuard<'_, VecDeque<i16>> {
        queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
