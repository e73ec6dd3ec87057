//! The command line.

use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// Outbound AI voice-call robot server.
#[derive(Debug, Parser)]
#[command(name = "callsmith", version, max_term_width = 110)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Dial a list of simulated callees over real SIP and RTP on this machine and show everything that happens.
    Demo(DemoArgs),
    /// The server: console and API in the browser, campaigns, agents and supervisors on live calls.
    Serve(Box<ServeArgs>),
    /// Dial a call list through a SIP trunk with a dialplan.
    Dial(Box<DialArgs>),
    /// Check dialplan files, or the dialplans of folders; prints errors with file, line and advice.
    Check {
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Print one JSON array of {file, line, column, len, severity, message, advice}.
        #[arg(long)]
        json: bool,
    },
    /// Print the JSON Schema of dialplan files, for editors that complete and check YAML.
    Schema,
    /// Run .call scripts on dialplans, with coverage; try them with a simulated callee; record real calls as scripts.
    Test(TestArgs),
    /// Hold a conversation with a dialplan, by typing or through the microphone.
    Rehearse(RehearseArgs),
    /// Publish dialplans as numbered versions; list, compare and roll back.
    Dialplans {
        #[command(subcommand)]
        what: DialplansCommand,
    },
    /// After calls: what was not understood, grouped, with proposed intents as a patch for the dialplan.
    Suggest(SuggestArgs),
    /// List the latest calls.
    Calls {
        #[command(flatten)]
        data: DataArgs,
        /// Only this campaign.
        #[arg(long)]
        campaign: Option<String>,
        /// Only calls that ended like this, e.g. completed.
        #[arg(long)]
        disposition: Option<String>,
        #[arg(long, default_value_t = 50)]
        limit: u32,
        #[arg(long)]
        json: bool,
    },
    /// Show one call: transcript with times, tags, grade, SIP summary.
    Show {
        call: String,
        #[command(flatten)]
        data: DataArgs,
        /// Print whole phone numbers.
        #[arg(long)]
        full_numbers: bool,
    },
    /// Play a call's recording through this machine's speaker (aplay, paplay or ffplay).
    Play {
        call: String,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Write a call's recording to a WAV file that says, machine-readably, which of it is synthetic.
    Export {
        call: String,
        /// The file to write.
        #[arg(long, value_name = "WAV")]
        out: PathBuf,
        #[command(flatten)]
        data: DataArgs,
    },
    /// The do-not-call list.
    Dnc {
        #[command(subcommand)]
        what: DncCommand,
    },
    /// People of the console: add one, make a new link for one, list them.
    Users {
        #[command(subcommand)]
        what: super::users::UsersCommand,
    },
    /// List what was promised for later: follow-ups and callbacks that are still open.
    FollowUps {
        #[command(flatten)]
        data: DataArgs,
        #[arg(long, default_value_t = 50)]
        limit: u32,
        /// Print whole phone numbers.
        #[arg(long)]
        full_numbers: bool,
    },
    /// The speech models.
    Models {
        #[command(subcommand)]
        what: super::models::ModelsCommand,
    },
    /// The robot's voices: hear them, or have them speak a file of lines.
    Voices {
        #[command(subcommand)]
        what: super::voices::VoicesCommand,
    },
    /// Measure the ear, the turns, the voice or the understanding on this machine.
    Bench {
        #[command(subcommand)]
        what: super::bench::BenchCommand,
    },
    /// The simulated carrier of the demo and the tests.
    #[command(hide = true)]
    FarEnd { scenario: PathBuf },
    /// Load one model and exit; a model of the wrong kind may end the process.
    #[command(hide = true)]
    ProbeModel { name: String },
}

/// Where lists, calls and recordings live.
#[derive(Clone, Debug, Args)]
pub struct DataArgs {
    /// The data folder.
    #[arg(
        long = "data",
        value_name = "DIR",
        default_value = "callsmith-data",
        env = "CALLSMITH_DATA"
    )]
    pub dir: PathBuf,
}

#[derive(Debug, Args)]
pub struct DemoArgs {
    #[command(flatten)]
    pub data: DataArgs,
    /// Print one JSON line last.
    #[arg(long)]
    pub json: bool,
    /// Only these leads (by the name of their script, e.g. zh-books); all without it.
    #[arg(long, value_name = "NAME")]
    pub only: Vec<String>,
    /// Calls at once.
    #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(u32).range(1..))]
    pub concurrency: u32,
    /// Leave the server up: console, callees who keep answering, simulated agents, a link for each role.
    #[arg(long)]
    pub keep: bool,
    /// With --keep: address and port of the console.
    #[arg(
        long,
        default_value = "127.0.0.1:8080",
        value_name = "IP:PORT",
        requires = "keep"
    )]
    pub listen: std::net::SocketAddr,
    /// Leave the output of the simulated carrier and the wire report in this folder.
    #[arg(long, value_name = "DIR")]
    pub keep_report: Option<PathBuf>,
}

#[derive(Clone, Debug, Args)]
pub struct ServeArgs {
    #[command(flatten)]
    pub data: DataArgs,
    /// Address and port of the console and the API. Behind a proxy with https for anything but this machine.
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "IP:PORT")]
    pub listen: std::net::SocketAddr,
    /// The console's address as people type it, when it is not --listen: https://calls.example.com
    #[arg(long, value_name = "URL")]
    pub public_url: Option<String>,
    /// A trunk, a TOML file; may be given several times.
    #[arg(long, value_name = "FILE")]
    pub trunk: Vec<PathBuf>,
    /// Agents with SIP phones who are no users of the console, a TOML file.
    #[arg(long, value_name = "FILE")]
    pub agents: Option<PathBuf>,
    /// A folder of dialplans that campaigns may use beside the published ones.
    #[arg(long, value_name = "DIR")]
    pub dialplans: Option<PathBuf>,
    /// A host inside the own network that webhooks may go to; may be given several times. Others only by https in the open.
    #[arg(long, value_name = "HOST:PORT")]
    pub webhook_allow: Vec<String>,
    /// Address and port of our SIP socket.
    #[arg(long, default_value = "0.0.0.0:5060", value_name = "IP:PORT")]
    pub bind: std::net::SocketAddr,
    /// The address the trunk sends RTP to, when it is not the one the system routes by.
    #[arg(long, value_name = "IP")]
    pub media_ip: Option<std::net::IpAddr>,
    /// UDP ports for RTP.
    #[arg(long, default_value = "20000-20999", value_name = "LOW-HIGH")]
    pub rtp_ports: String,
    /// The address agents' and supervisors' browsers send sound to; may be given several times. Without it, the console's
    /// own when that is one address, else the one of our RTP.
    #[arg(long, value_name = "IP")]
    pub browser_ip: Vec<std::net::IpAddr>,
    /// The address told to browsers in its place, behind a NAT that maps one to one.
    #[arg(long, value_name = "IP")]
    pub browser_public_ip: Option<std::net::IpAddr>,
    /// UDP ports for browsers' sound, one a browser; any free one without it.
    #[arg(long, value_name = "LOW-HIGH")]
    pub browser_ports: Option<String>,
    /// Do not record.
    #[arg(long)]
    pub no_recording: bool,
    #[command(flatten)]
    pub ear: EarArgs,
}

#[derive(Clone, Debug, Args)]
pub struct DialArgs {
    /// The call list, CSV with a header (UTF-8, with or without BOM, or GB18030).
    #[arg(long, value_name = "CSV")]
    pub list: PathBuf,
    /// The dialplan; give one per language for a list with a language column.
    #[arg(long, value_name = "FILE", required = true)]
    pub dialplan: Vec<PathBuf>,
    /// The trunk, a TOML file.
    #[arg(long, value_name = "FILE")]
    pub trunk: PathBuf,
    /// The agents who take hot leads, a TOML file.
    #[arg(long, value_name = "FILE")]
    pub agents: Option<PathBuf>,
    #[command(flatten)]
    pub data: DataArgs,
    /// The campaign's name; the list's file name without it. A second start with the same name continues.
    #[arg(long)]
    pub campaign: Option<String>,
    /// Country of numbers written without +, as in CN or US.
    #[arg(long, default_value = "CN")]
    pub country: String,
    /// Read a column under another name: --map 客户电话=phone.
    #[arg(long, value_name = "COLUMN=FIELD")]
    pub map: Vec<String>,
    /// Calls at once.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    pub concurrency: u32,
    /// Ring this long before giving up, seconds.
    #[arg(long, default_value_t = 45, value_parser = clap::value_parser!(u64).range(1..))]
    pub ring_timeout: u64,
    /// Address and port of our SIP socket.
    #[arg(long, default_value = "0.0.0.0:5060", value_name = "IP:PORT")]
    pub bind: std::net::SocketAddr,
    /// The address the trunk sends RTP to, when it is not the one the system routes by.
    #[arg(long, value_name = "IP")]
    pub media_ip: Option<std::net::IpAddr>,
    /// UDP ports for RTP.
    #[arg(long, default_value = "20000-20999", value_name = "LOW-HIGH")]
    pub rtp_ports: String,
    /// Dial outside the calling windows too. Only for numbers whose owners agreed to it.
    #[arg(long)]
    pub ignore_window: bool,
    /// Wait for retries and call-backs that fall due later, instead of ending when nothing can be dialled now.
    #[arg(long)]
    pub wait: bool,
    /// Dial numbers again that were called today or often this week (per-number caps off).
    #[arg(long)]
    pub ignore_caps: bool,
    /// Do not record.
    #[arg(long)]
    pub no_recording: bool,
    #[command(flatten)]
    pub ear: EarArgs,
    /// Print one JSON line last.
    #[arg(long)]
    pub json: bool,
}

/// How the callee is heard.
#[derive(Clone, Debug, Args)]
pub struct EarArgs {
    /// Recogniser: whisper (embedded, tuned for telephone turns), whisper-base (as published), a fetched model's name (see `callsmith models list`), or a model's folder.
    #[arg(long, default_value = "whisper", value_name = "whisper|NAME|DIR")]
    pub recognizer: String,
    /// VAD: silero, or earshot (cheaper; takes steady noise for speech more often).
    #[arg(long, default_value = "silero", value_parser = ["silero", "earshot"])]
    pub vad: String,
    /// Denoiser of the ears path: off, rnnoise or gtcrn.
    #[arg(long, default_value = "rnnoise", value_parser = ["off", "rnnoise", "gtcrn"])]
    pub denoise: String,
    /// Feed the recogniser the denoised sound too (measured to hurt Whisper).
    #[arg(long)]
    pub denoise_words: bool,
}

impl Default for EarArgs {
    fn default() -> Self {
        EarArgs {
            recognizer: "whisper".into(),
            vad: "silero".into(),
            denoise: "rnnoise".into(),
            denoise_words: false,
        }
    }
}

#[derive(Debug, Args)]
pub struct RehearseArgs {
    pub dialplan: PathBuf,
    /// A lead variable: --lead name=王芳.
    #[arg(long, value_name = "KEY=VALUE")]
    pub lead: Vec<String>,
    /// Speak and listen through this machine's sound card (built with --features mic).
    #[arg(long)]
    pub mic: bool,
    /// Run a .call file instead of typing; exit code 1 when it does not go as written.
    #[arg(long, value_name = "FILE")]
    pub script: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct TestArgs {
    /// Dialplans, .call scripts, or folders of them; a dialplan's scripts lie beside it in tests/<its file name>/.
    pub files: Vec<PathBuf>,
    /// Write a JUnit report.
    #[arg(long, value_name = "XML")]
    pub junit: Option<PathBuf>,
    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
    /// Fail when a dialplan is covered less than this.
    #[arg(long, value_name = "PERCENT", default_value_t = 0, value_parser = clap::value_parser!(u32).range(..=100))]
    pub min_coverage: u32,
    /// Let a simulated callee try every answer until every step was reached; reports dead ends and circles.
    #[arg(long)]
    pub walk: bool,
    /// Where the simulated callee's chance begins; the same seed walks the same way.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// The most calls a walk makes.
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..))]
    pub calls: u32,
    /// Print this call of the database as a script.
    #[arg(long, value_name = "CALL", conflicts_with_all = ["junit", "walk", "json"])]
    pub record: Option<String>,
    #[command(flatten)]
    pub data: DataArgs,
}

#[derive(Debug, Args)]
pub struct SuggestArgs {
    /// The dialplan that the calls were made with.
    #[arg(long, value_name = "FILE")]
    pub dialplan: PathBuf,
    /// Only calls of this campaign.
    #[arg(long)]
    pub campaign: Option<String>,
    /// At most so many calls, the latest first.
    #[arg(long, default_value_t = 1000)]
    pub limit: u32,
    /// Groups with fewer turns are listed and not proposed.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..))]
    pub least: u32,
    /// Write the patch to this file; `patch -p0 < PATCH` applies it.
    #[arg(long, value_name = "PATCH")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub data: DataArgs,
}

#[derive(Debug, Subcommand)]
pub enum DialplansCommand {
    /// Keep a dialplan with all it includes as the next version, which counts from now on. A file with errors is refused.
    Publish {
        file: PathBuf,
        #[arg(long)]
        note: Option<String>,
        /// Who publishes; the system's user without it.
        #[arg(long)]
        by: Option<String>,
        #[command(flatten)]
        data: DataArgs,
    },
    /// List versions.
    List {
        name: Option<String>,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Compare two versions: steps added, removed and changed, then the text.
    Diff {
        name: String,
        a: i64,
        b: i64,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Let an earlier version count again.
    Rollback {
        name: String,
        version: i64,
        #[arg(long)]
        by: Option<String>,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Print a version.
    Show {
        name: String,
        version: i64,
        #[command(flatten)]
        data: DataArgs,
    },
}

#[derive(Debug, Subcommand)]
pub enum DncCommand {
    /// Put a number on the list.
    Add {
        number: String,
        #[arg(long, default_value = "CN")]
        country: String,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Print the list.
    List {
        #[command(flatten)]
        data: DataArgs,
    },
}
