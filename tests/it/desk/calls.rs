//! A real SIP callee, real WebRTC browsers and the desk between them. Everybody has a tone; who hears whom is measured at
//! the ears.

use super::page::Page;
use crate::line::{Deaf, Line, NoSpeech, ROBOT_HZ, Said, next_ports};
use crate::rig::callee;
use callsmith::audio::tone::level_of;
use callsmith::audio::wav;
use callsmith::call::command::{Command, Steer, WatchMode};
use callsmith::call::registry::Registry;
use callsmith::desk::board::Board;
use callsmith::desk::member::{Member, Skill};
use callsmith::desk::news::DeskEvent;
use callsmith::desk::presence::{Presence, Wish};
use callsmith::desk::{Desk, DeskError, DeskSettings, Person};
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
const LI_HZ: u32 = 1000;
const WU_HZ: u32 = 1300;
const BOSS_HZ: u32 = 1700;
const ALL: [(&str, u32); 5] = [
    ("robot", ROBOT_HZ as u32),
    ("callee", CALLEE_HZ),
    ("li", LI_HZ),
    ("wu", WU_HZ),
    ("boss", BOSS_HZ),
];
const BOSS: i64 = 99;

/// Whose tones are in this sound.
fn voices(sound: &[i16]) -> Vec<&'static str> {
    let is_in = |hz: u32| level_of(sound, f64::from(hz)) > -35.0;
    ALL.iter()
        .filter(|(_, hz)| is_in(*hz))
        .map(|(name, _)| *name)
        .collect()
}

/// Whose tones are ever in it, by 200 ms.
fn ever(sound: &[i16]) -> Vec<&'static str> {
    let heard: Vec<_> = sound.chunks_exact(1600).map(voices).collect();
    ALL.iter()
        .map(|(name, _)| *name)
        .filter(|n| heard.iter().any(|h| h.contains(n)))
        .collect()
}

fn person(user: i64, name: &str) -> Person {
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
struct People {
    desk: Desk,
    registry: Registry,
    call: CallId,
    events: mpsc::UnboundedReceiver<CallEvent>,
    news: broadcast::Receiver<DeskEvent>,
}

impl People {
    /// Opens somebody's page with audio.
    async fn page(&self, who: &Person, hz: u32) -> Page {
        let mut page = Page::open(hz).await;
        self.connect(who, &mut page).await;
        page
    }

    async fn connect(&self, who: &Person, page: &mut Page) {
        let mut news = self.desk.events();
        let before = self.desk.me(who.user).line;
        let connected = self.desk.connect(who, &page.offer).await.unwrap();
        page.answered(&connected.sdp).await;
        // The server's side of the connection stands a moment after the browser's.
        while before.is_none() && self.desk.me(who.user).line.is_none() {
            let _ = news.recv().await;
        }
    }

    async fn ready(&self, user: i64, name: &str, hz: u32) -> Page {
        let page = self.page(&person(user, name), hz).await;
        self.desk.choose(user, Wish::Ready).unwrap();
        page
    }

    /// Waits for something to happen in the call.
    async fn until(&mut self, want: impl Fn(&Happening) -> bool) -> CallEvent {
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
    async fn offered(&mut self, user: i64) {
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
    async fn is(&mut self, user: i64, presence: Presence) {
        let wait = async {
            while self.desk.me(user).presence != presence {
                let _ = self.news.recv().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(40), wait)
            .await
            .expect("he is");
    }

    async fn bridge(&mut self, user: i64) {
        self.offered(user).await;
        self.desk.accept(user, &self.call).await.unwrap();
        self.until(|h| matches!(h, Happening::Bridged { .. })).await;
    }

    async fn hang_up(&self) {
        let (by, reason) = ("test".into(), "done".into());
        let _ = self
            .registry
            .ask(&self.call, Command::Hangup { by, reason })
            .await;
    }
}

/// So long a page listens; what it heard in it.
async fn hears(page: &Page) -> Vec<&'static str> {
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

struct Stage {
    said: Said,
    /// What the callee heard.
    callee: Vec<i16>,
}

const LI: (i64, &str, u32) = (1, "li", LI_HZ);
const WU: (i64, &str, u32) = (2, "wu", WU_HZ);

/// A call whose callee presses 0 for a person and then hums; those in `ready` are, with their pages open, and `act` is what
/// people do.
async fn stage<F>(ready: &[(i64, &str, u32)], act: impl FnOnce(People, Vec<Page>) -> F) -> Stage
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

fn at(said: &Said, want: impl Fn(&Happening) -> bool) -> u64 {
    let found = said.events.iter().find(|e| want(&e.what));
    found.expect("it happened").at.0
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_accepts_in_the_browser_and_callee_and_agent_hear_each_other() {
    let stage = stage(&[LI], async |mut people: People, mut pages: Vec<Page>| {
        let page = pages.remove(0);
        people.bridge(1).await;
        assert_eq!(people.desk.me(1).presence, Presence::OnCall);
        assert_eq!(hears(&page).await, ["callee"]);
        people.hang_up().await;
        people.until(|h| matches!(h, Happening::Ended { .. })).await;
        people.is(1, Presence::WrapUp).await;
        people.desk.settled(1, &people.call);
        assert_eq!(people.desk.me(1).presence, Presence::Ready);
        assert_eq!(people.desk.agents(TenantId::PLATFORM)[0].calls_today, 1);
    })
    .await;
    assert_eq!(ever(&stage.callee), ["robot", "li"]);
    let end = &stage.callee[stage.callee.len() - 8000..stage.callee.len() - 1600];
    assert_eq!(voices(end), ["li"], "the robot is silent");
    let wanted = at(&stage.said, |h| matches!(h, Happening::AgentWanted { .. }));
    let rings = at(&stage.said, |h| matches!(h, Happening::AgentRinging { .. }));
    let answered = at(&stage.said, |h| {
        matches!(h, Happening::AgentAnswered { .. })
    });
    let bridged = at(&stage.said, |h| matches!(h, Happening::Bridged { .. }));
    println!(
        "wanted → ringing {} ms → accepted {} ms → first word {} ms",
        rings - wanted,
        answered - rings,
        bridged - answered
    );
    assert!(rings - wanted <= 500);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_accept_at_once_one_has_the_call_and_the_other_is_told_who() {
    let stage = stage(&[LI, WU], async |mut people: People, _pages: Vec<Page>| {
        people.offered(1).await;
        people.offered(2).await;
        let both = tokio::join!(
            people.desk.accept(1, &people.call),
            people.desk.accept(2, &people.call)
        );
        let (winner, loser) = match both {
            (Ok(()), Err(e)) => ((1, "li"), (2, e)),
            (Err(e), Ok(())) => ((2, "wu"), (1, e)),
            other => panic!("exactly one has the call: {other:?}"),
        };
        assert_eq!(
            loser.1,
            DeskError::Taken {
                by: Some(winner.1.into())
            }
        );
        people.is(winner.0, Presence::OnCall).await;
        people.is(loser.0, Presence::Ready).await;
        people
            .until(|h| matches!(h, Happening::Bridged { .. }))
            .await;
        tokio::time::sleep(Duration::from_millis(800)).await;
        people.hang_up().await;
    })
    .await;
    let heard = ever(&stage.callee);
    assert_eq!(heard.len(), 2, "the robot and one agent: {heard:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_tab_is_no_silence_and_whoever_comes_back_has_the_same_call() {
    let stage = stage(&[LI], async |mut people: People, mut pages: Vec<Page>| {
        let page = pages.remove(0);
        people.bridge(1).await;
        assert_eq!(hears(&page).await, ["callee"]);
        page.kill();
        people
            .until(|h| matches!(h, Happening::LineLost { .. }))
            .await;
        people
            .until(|h| matches!(h, Happening::AgentWanted { .. }))
            .await;
        people
            .until(|h| matches!(h, Happening::Saying { .. }))
            .await;
        assert_eq!(people.desk.me(1).presence, Presence::OnCall, "kept for him");
        let again = people.page(&person(1, "li"), LI_HZ).await;
        people
            .until(|h| matches!(h, Happening::LineBack { .. }))
            .await;
        assert_eq!(hears(&again).await, ["callee"]);
        people.hang_up().await;
    })
    .await;
    let (gap, again) = gap(&stage.callee);
    println!("from the agent's last sound to the robot's first: {gap} ms");
    assert!(gap <= 2000, "{gap} ms of silence");
    assert!(again, "the agent is heard again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_tab_offers_the_call_to_the_others() {
    let stage = stage(&[LI], async |mut people: People, mut pages: Vec<Page>| {
        let li = pages.remove(0);
        people.bridge(1).await;
        let _wu = people.ready(2, "wu", WU_HZ).await;
        li.kill();
        people.offered(2).await;
        people.desk.accept(2, &people.call).await.unwrap();
        people
            .until(|h| matches!(h, Happening::Bridged { agent } if agent == "wu"))
            .await;
        tokio::time::sleep(Duration::from_millis(800)).await;
        people.hang_up().await;
    })
    .await;
    assert_eq!(ever(&stage.callee), ["robot", "li", "wu"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_browser_of_the_same_agent_goes_on_in_the_same_call() {
    let stage = stage(&[LI], async |mut people: People, _pages: Vec<Page>| {
        people.bridge(1).await;
        let second = people.page(&person(1, "li"), WU_HZ).await;
        assert_eq!(hears(&second).await, ["callee"]);
        people.hang_up().await;
    })
    .await;
    let end = &stage.callee[stage.callee.len() - 4800..stage.callee.len() - 1600];
    assert_eq!(voices(end), ["wu"], "the second browser's tone");
    assert!(
        !stage
            .said
            .events
            .iter()
            .any(|e| matches!(e.what, Happening::LineLost { .. })),
        "no gap"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_supervisor_is_heard_just_as_his_part_allows_whatever_his_page_sends() {
    let stage = stage(&[LI], async |mut people: People, mut pages: Vec<Page>| {
        let li = pages.remove(0);
        people.bridge(1).await;
        let boss = person(BOSS, "boss");
        let call = people.call.clone();
        let join = |mode| people.desk.supervise(&boss, &call, mode);
        assert_eq!(join(WatchMode::Listen).await, Err(DeskError::NoLine));
        let page = people.page(&boss, BOSS_HZ).await;

        join(WatchMode::Listen).await.unwrap();
        assert_eq!(hears(&page).await, ["callee", "li"]);
        assert_eq!(
            hears(&li).await,
            ["callee"],
            "a listener is heard by nobody"
        );

        join(WatchMode::Whisper).await.unwrap();
        assert_eq!(hears(&li).await, ["callee", "boss"]);

        join(WatchMode::Listen).await.unwrap();
        assert_eq!(hears(&li).await, ["callee"], "and not any more");

        join(WatchMode::Barge).await.unwrap();
        assert_eq!(hears(&li).await, ["callee", "boss"]);
        people.desk.leave(BOSS, &call).await.unwrap();
        assert_eq!(hears(&li).await, ["callee"]);

        join(WatchMode::TakeOver).await.unwrap();
        assert_eq!(hears(&page).await, ["callee"]);
        assert_eq!(hears(&li).await, ["callee", "boss"]);
        let by = "boss".into();
        let back = Command::HandBack { by, step: None };
        people.registry.ask(&call, back).await.unwrap();
        assert_eq!(hears(&li).await, ["callee"]);
        assert_eq!(people.desk.me(1).presence, Presence::OnCall);

        let by = "li".into();
        let back = Command::HandBack { by, step: None };
        people.registry.ask(&call, back).await.unwrap();
        let by = "boss".into();
        let what = Steer::Say("One moment".into());
        people
            .registry
            .ask(&call, Command::Steer { by, what })
            .await
            .unwrap();
        people
            .until(|h| matches!(h, Happening::Steered { .. }))
            .await;
        people.is(1, Presence::WrapUp).await;
        people.hang_up().await;
    })
    .await;
    assert_eq!(ever(&stage.callee), ["robot", "li", "boss"]);
    // The whisper and the listening are not in it: as long as he barged and took over, not more.
    let with_boss = stage
        .callee
        .chunks_exact(1600)
        .filter(|c| voices(c).contains(&"boss"))
        .count();
    let all = stage.callee.len() / 1600;
    println!("the callee heard the supervisor in {with_boss} of {all} fifths of a second");
}

#[tokio::test(flavor = "multi_thread")]
async fn with_nobody_there_the_robot_is_told_at_once() {
    let stage = stage(&[], async |mut people: People, _pages: Vec<Page>| {
        people
            .until(|h| matches!(h, Happening::NobodyCame { .. }))
            .await;
        people.hang_up().await;
    })
    .await;
    let wanted = at(&stage.said, |h| matches!(h, Happening::AgentWanted { .. }));
    let nobody = at(&stage.said, |h| matches!(h, Happening::NobodyCame { .. }));
    assert!(nobody - wanted <= 500);
}

/// The longest silence at the callee between the agent's last sound and the robot's first after it, ms, and whether the
/// agent was heard again after the robot.
fn gap(sound: &[i16]) -> (usize, bool) {
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
