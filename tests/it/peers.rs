//! Calls to programs that others wrote: SIPp speaks the signalling strictly after a script, baresip is a whole phone. A
//! program that is not installed leaves its tests out, with a line that says so.

use crate::line::{CALLEE, LOOPBACK, Line, ROBOT_HZ, Said, next_ports};
use callsmith::audio::{RATE, level, tone, wav};
use callsmith::terms::{CauseKind, Disposition, EndedBy};
use std::net::{SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

const GREETING: &str = include_str!("../data/dialplans/good/greeting.yaml");
const ASKING: &str = include_str!("../data/dialplans/good/keys.yaml");
const BARESIP_HZ: f64 = 900.0;
/// No peer needs longer for anything but a whole call.
const PATIENCE: Duration = Duration::from_secs(20);
/// Peers end by themselves after this many seconds, should the tests be killed.
const LIFE_SECS: &str = "60";

#[tokio::test(flavor = "multi_thread")]
async fn sipp_sees_the_robot_ring_talk_and_hang_up_as_the_rfc_wants_it() {
    let Some(sipp) = program("sipp") else { return };
    let folder = tempfile::tempdir().unwrap();
    let ports = next_ports();
    let peer = Sipp::start(
        &sipp,
        "robot-hangs-up.xml",
        ports,
        &["-rtp_echo"],
        folder.path(),
    );
    let said = call(peer.sip, GREETING, ports, folder.path()).await;
    peer.satisfied().await;
    assert_eq!(said.outcome.disposition, Disposition::Completed);
    assert!(said.outcome.rang && said.outcome.answered);
    assert_eq!(said.outcome.cause.unwrap().by, EndedBy::Us);
    let [robot, callee] = channels(&said.recording);
    assert!(loudest(&robot, ROBOT_HZ) > -30.0, "the robot speaks");
    assert!(
        loudest(&callee, ROBOT_HZ) > -30.0,
        "its own A-law comes back unharmed: {}",
        loudest(&callee, ROBOT_HZ)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn sipp_hangs_up_without_a_word_and_the_robot_agrees() {
    let Some(sipp) = program("sipp") else { return };
    let folder = tempfile::tempdir().unwrap();
    let ports = next_ports();
    let peer = Sipp::start(&sipp, "callee-hangs-up.xml", ports, &[], folder.path());
    let said = call(peer.sip, ASKING, ports, folder.path()).await;
    peer.satisfied().await;
    assert_eq!(said.outcome.disposition, Disposition::NoInteraction);
    assert!(said.outcome.answered);
    let cause = said.outcome.cause.unwrap();
    assert_eq!((cause.kind, cause.by), (CauseKind::Normal, EndedBy::Callee));
}

#[tokio::test(flavor = "multi_thread")]
async fn baresip_hears_the_robot_and_the_robot_hears_baresip() {
    let Some(baresip) = program("baresip") else {
        return;
    };
    let Some(modules) = modules(&baresip) else {
        println!("skipped: baresip's modules are not where its package puts them");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let ports = next_ports();
    let peer = Baresip::start(&baresip, &modules, ports, folder.path()).await;
    let said = call(peer.sip, GREETING, ports, folder.path()).await;
    let heard = peer.heard().await;
    assert_eq!(said.outcome.disposition, Disposition::Completed);
    assert_eq!(said.outcome.cause.unwrap().by, EndedBy::Us);
    let [robot, callee] = channels(&said.recording);
    let at_baresip = loudest(&heard, ROBOT_HZ);
    assert!(at_baresip > -30.0, "baresip hears the robot: {at_baresip}");
    assert!(
        level::rms_dbfs(&heard) < at_baresip + 10.0,
        "and hardly anything else"
    );
    let tone = loudest(&callee, BARESIP_HZ);
    assert!(tone > -30.0, "the robot hears baresip: {tone}");
    assert!(loudest(&robot, ROBOT_HZ) > -30.0, "the robot speaks");
    assert!(loudest(&robot, BARESIP_HZ) < -60.0, "channels stay apart");
    assert!(loudest(&callee, ROBOT_HZ) < -50.0, "channels stay apart");
}

async fn call(trunk: SocketAddr, dialplan: &str, ports: u16, folder: &Path) -> Said {
    Line {
        trunk,
        dialplan,
        agent: None,
        ports,
        ring_timeout: Duration::from_secs(15),
        rtp_timeout: Duration::from_secs(15),
        folder,
        recognizer: std::sync::Arc::new(crate::line::Deaf),
        vad: || Box::new(crate::line::NoSpeech),
        voice_ms: 500,
    }
    .call()
    .await
}

/// A SIPp that plays one scenario once.
struct Sipp {
    child: Child,
    sip: SocketAddr,
    errors: PathBuf,
}

impl Sipp {
    /// SIPp need not listen yet when the call begins: SIP over UDP says its INVITE again.
    fn start(sipp: &Path, scenario: &str, media: u16, more: &[&str], folder: &Path) -> Sipp {
        let sip = free_address();
        let errors = folder.join("sipp-errors.log");
        let child = Command::new(sipp)
            .arg("-sf")
            .arg(
                Path::new(env!("CARGO_MANIFEST_DIR"))
                    .join("tests/data/sipp")
                    .join(scenario),
            )
            .args(["-i", "127.0.0.1", "-p", &sip.port().to_string()])
            .args(["-mi", "127.0.0.1", "-mp", &media.to_string()])
            .args([
                "-m",
                "1",
                "-nostdin",
                "-timeout_error",
                "-timeout",
                LIFE_SECS,
            ])
            .args(["-trace_err", "-error_file"])
            .arg(&errors)
            .args(more)
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        Sipp { child, sip, errors }
    }

    /// Every message came as the scenario wants it.
    async fn satisfied(mut self) {
        let status = ended(&mut self.child).await;
        let errors = std::fs::read_to_string(&self.errors).unwrap_or_default();
        assert!(
            status.success(),
            "SIPp is not content ({status}):\n{errors}"
        );
    }
}

/// A baresip that answers by itself, plays a tone and records what it hears.
struct Baresip {
    child: Child,
    log: Lines<BufReader<ChildStdout>>,
    sip: SocketAddr,
    folder: PathBuf,
}

impl Baresip {
    async fn start(baresip: &Path, modules: &Path, rtp: u16, folder: &Path) -> Baresip {
        let sip = free_address();
        let home = folder.join("baresip");
        std::fs::create_dir(&home).unwrap();
        let mut sound = vec![0; RATE as usize * 30];
        tone::Tone::new(BARESIP_HZ, -15.0).fill(&mut sound);
        wav::write(&home.join("tone.wav"), &sound, RATE).unwrap();
        let (at, modules) = (home.display(), modules.display());
        // The player is a pipe whose other end nobody holds, so that no sound card is asked for.
        let config = format!(
            "poll_method epoll\nsip_listen {sip}\ncall_max_calls 1\nnet_interface 127.0.0.1\n\
             audio_source aufile,{at}/tone.wav\naudio_player aubridge,nobody\naudio_level no\n\
             ausrc_format s16\nauplay_format s16\nauenc_format s16\naudec_format s16\n\
             audio_buffer 20-160\nrtp_ports {rtp}-{}\njitter_buffer_delay 2-6\nsnd_path {at}\n\
             module_path {modules}\nmodule g711.so\nmodule aufile.so\nmodule aubridge.so\n\
             module sndfile.so\nmodule_tmp uuid.so\nmodule_tmp account.so\nmodule_app menu.so\n",
            rtp + 19
        );
        let account = format!(
            "<sip:{CALLEE}@{sip};transport=udp>;regint=0;answermode=auto;audio_codecs=PCMA/8000;ptime=20\n"
        );
        std::fs::write(home.join("config"), config).unwrap();
        std::fs::write(home.join("accounts"), account).unwrap();
        std::fs::write(home.join("contacts"), "").unwrap();
        let mut child = Command::new(baresip)
            .arg("-f")
            .arg(&home)
            .args(["-t", LIFE_SECS])
            .current_dir(&home)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let log = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut peer = Baresip {
            child,
            log,
            sip,
            folder: home,
        };
        peer.says("baresip is ready").await;
        peer
    }

    /// Waits for a line of the log.
    async fn says(&mut self, words: &str) {
        let mut before = Vec::new();
        let found = timeout(PATIENCE, async {
            while let Some(line) = self.log.next_line().await.unwrap() {
                if line.contains(words) {
                    return true;
                }
                before.push(line);
            }
            false
        })
        .await;
        assert!(
            found == Ok(true),
            "baresip never says \"{words}\":\n{}",
            before.join("\n")
        );
    }

    /// What it heard until its call was over.
    async fn heard(mut self) -> Vec<i16> {
        self.says("session closed").await;
        terminate(&self.child);
        ended(&mut self.child).await;
        let mut recordings = std::fs::read_dir(&self.folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.to_string_lossy().ends_with("-dec.wav"));
        wav::read(&recordings.next().expect("baresip recorded")).unwrap()
    }
}

/// Where a program is; when it is nowhere, the test is left out.
fn program(name: &str) -> Option<PathBuf> {
    let found = std::env::split_paths(&std::env::var_os("PATH")?)
        .map(|folder| folder.join(name))
        .find(|path| path.is_file());
    if found.is_none() {
        println!("skipped: {name} is not installed (Debian: sip-tester, baresip)");
    }
    found
}

/// baresip's modules: below the folder of libraries beside the one of programs, on Debian without an architecture.
fn modules(baresip: &Path) -> Option<PathBuf> {
    let modules = baresip.parent()?.parent()?.join("lib/baresip/modules");
    modules.join("sndfile.so").is_file().then_some(modules)
}

fn free_address() -> SocketAddr {
    UdpSocket::bind(SocketAddr::new(LOOPBACK, 0))
        .unwrap()
        .local_addr()
        .unwrap()
}

/// Asks a program to end, so that it closes its files.
fn terminate(child: &Child) {
    let id = child.id().expect("it runs");
    // SAFETY: a plain call; the child is not waited for yet, so its id is still its own.
    unsafe { libc::kill(id.cast_signed(), libc::SIGTERM) };
}

async fn ended(child: &mut Child) -> ExitStatus {
    timeout(PATIENCE, child.wait())
        .await
        .expect("the program ends in time")
        .unwrap()
}

/// The robot and the callee of the robot's recording.
fn channels(recording: &Path) -> [Vec<i16>; 2] {
    let mut reader = hound::WavReader::open(recording).unwrap();
    assert_eq!(reader.spec().channels, 2);
    assert_eq!(reader.spec().sample_rate, RATE);
    let all: Vec<i16> = reader.samples().map(Result::unwrap).collect();
    [0, 1].map(|side| all.iter().skip(side).step_by(2).copied().collect())
}

/// Level of a frequency where it is loudest.
fn loudest(sound: &[i16], hz: f64) -> f32 {
    sound
        .chunks(1600)
        .map(|part| tone::level_of(part, hz))
        .fold(level::SILENT_DBFS, f32::max)
}
