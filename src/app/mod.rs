//! Wires the rooms into the command line program.

mod bench;
mod calls;
mod carrier;
mod check;
mod cli;
mod demo;
mod dial;
mod dial_command;
mod launcher;
mod live;
mod meanings;
mod microphone;
mod models;
mod outside;
mod percentile;
mod plan_files;
mod rehearse;
mod reload;
mod results;
mod serve;
mod sink;
mod station;
mod suggest;
mod tally;
mod test;
mod usage;
mod users;
mod vectors;
mod versions;
mod voices;
pub mod webhook_http;
mod wiring;

use clap::Parser;
use cli::{Cli, Command};
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

/// Runs the program; the exit code is 0 when all went as asked, 1 when it did not, 2 when it could not start.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    log();
    // The probe loads one model and nothing else: no runtime, no threads, it may be killed by what it loads.
    if let Command::ProbeModel { name } = &cli.command {
        return models::probe(name);
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(e) => {
            eprintln!("callsmith: no async runtime: {e}");
            return ExitCode::from(2);
        }
    };
    // Commands that only print, and are read through `head` and pagers.
    let prints = matches!(
        cli.command,
        Command::Check { .. }
            | Command::Test(_)
            | Command::Suggest(_)
            | Command::Dialplans { .. }
            | Command::Calls { .. }
            | Command::Show { .. }
            | Command::FollowUps { .. }
            | Command::Users { .. }
            | Command::Dnc { .. }
    );
    if prints {
        usage::end_with_the_pipe();
    }
    let done = runtime.block_on(run(cli.command));
    // Renderers and recognisers may be in the middle of a clause nobody waits for.
    runtime.shutdown_timeout(std::time::Duration::from_millis(200));
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(e) => {
            eprintln!("callsmith: {e:#}");
            ExitCode::from(2)
        }
    }
}

async fn run(command: Command) -> anyhow::Result<bool> {
    match command {
        Command::Demo(args) => demo::run(args).await,
        Command::Serve(args) => serve::run(*args).await.map(|()| true),
        Command::Dial(args) => dial_command::run(*args).await.map(|()| true),
        Command::Check { files, json } => check::run(&files, json),
        Command::Dialplans { what } => versions::run(what).await,
        Command::Suggest(args) => suggest::run(&args).await,
        Command::Schema => {
            println!("{}", crate::dialogue::schema::json());
            Ok(true)
        }
        Command::Test(args) => test::run(&args).await,
        Command::Rehearse(args) => rehearse::run(&args).await,
        Command::Calls {
            data,
            campaign,
            disposition,
            limit,
            json,
        } => calls::list(&data.dir, campaign, disposition, limit, json)
            .await
            .map(|()| true),
        Command::Show {
            call,
            data,
            full_numbers,
        } => calls::show(&data.dir, &call, full_numbers)
            .await
            .map(|()| true),
        Command::Play { call, data } => calls::play(&data.dir, &call).await.map(|()| true),
        Command::Export { call, out, data } => {
            calls::export(&data.dir, &call, &out).await.map(|()| true)
        }
        Command::Dnc { what } => calls::dnc(what).await.map(|()| true),
        Command::Users { what } => users::run(what).await,
        Command::FollowUps {
            data,
            limit,
            full_numbers,
        } => calls::follow_ups(&data.dir, limit, full_numbers)
            .await
            .map(|()| true),
        Command::Models { what } => models::run(&what),
        Command::Voices { what } => voices::run(&what).await,
        Command::Bench { what } => bench::run(&what).await,
        Command::FarEnd { scenario } => carrier::serve(&scenario).await.map(|()| true),
        Command::ProbeModel { .. } => Ok(true),
    }
}

/// Degraded and worse by default; `CALLSMITH_LOG=debug` shows state changes, and speech text with them.
fn log() {
    let asked = std::env::var("CALLSMITH_LOG").unwrap_or_else(|_| "warn".into());
    // The SIP library logs whole messages, and with them whole numbers.
    let filter = EnvFilter::try_new(format!("{asked},rsipstack=warn"))
        .unwrap_or_else(|_| EnvFilter::new("warn"));
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
        .with_writer(std::io::stderr)
        .try_init();
}
