//! `callsmith suggest`: what calls left behind that nobody understood, as a list to read and a patch to apply.

use super::check;
use super::cli::SuggestArgs;
use crate::dialogue::plan::Dialplan;
use crate::dialogue::suggest::{self, ALIKE, Answer, Group, Proposal, Turn, place};
use crate::store::{BundleFile, CallFilter, Store};
use crate::terms::Clock;
use crate::web::dialplans::bundle;
use anyhow::{Context, Result};
use similar::TextDiff;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Examples put into the file for one group.
const MOST_EXAMPLES: usize = 12;
/// Wordings shown for one group.
const SHOWN: usize = 5;

pub async fn run(args: &SuggestArgs) -> Result<bool> {
    let plan = check::load(&args.dialplan)?;
    let store = Store::open_beside(&args.data.dir, Clock::system()).await?;
    if let Some(campaign) = &args.campaign {
        // A name that was mistyped would look like a campaign in which all was understood.
        store.campaign_find(campaign).await?.with_context(|| {
            format!("there is no campaign {campaign:?}; `callsmith calls` shows the names")
        })?;
    }
    let filter = CallFilter {
        campaign: args.campaign.clone(),
        ..CallFilter::default()
    };
    let mut turns: Vec<Turn> = Vec::new();
    let mut answers: Vec<Answer> = Vec::new();
    let mut calls = 0;
    for call in store.calls(&filter, args.limit).await? {
        let Some(id) = call.call else { continue };
        let Some(record) = store.show(&id.0).await? else {
            continue;
        };
        calls += 1;
        turns.extend(suggest::not_understood(&record.events));
        answers.extend(suggest::answers(&suggest::taken_over(&record.events)));
    }
    store.close().await;
    let lang = plan.lang;
    let like = |texts: &[String]| suggest::ngram_likeness(texts, lang, texts.len());
    let groups = suggest::group(&plan, lang, &turns, &like, ALIKE);
    println!(
        "{} turn(s) of {calls} call(s) were not understood, in {} group(s); {} answer(s) of agents",
        turns.len(),
        groups.len(),
        answers.len()
    );
    for (n, group) in groups.iter().enumerate() {
        println!("{}", shown(n + 1, group, args.least));
    }
    let proposed: Vec<&Group> = groups
        .iter()
        .filter(|g| g.turns.len() >= args.least as usize)
        .collect();
    let edited = edit(&args.dialplan, &plan, &proposed, &answers)?;
    for left_out in &edited.left_out {
        println!("not in the patch: {left_out}");
    }
    match (&args.out, edited.patch.is_empty()) {
        (_, true) => println!("nothing to propose"),
        (Some(out), false) => {
            std::fs::write(out, &edited.patch)
                .with_context(|| format!("{}: cannot be written", out.display()))?;
            println!(
                "the patch is in {}; read it, then apply it with `patch -p0 < {}`",
                out.display(),
                out.display()
            );
        }
        (None, false) => print!("\n{}", edited.patch),
    }
    Ok(true)
}

fn shown(n: usize, group: &Group, least: u32) -> String {
    let mut line = format!("{n:>3}. {} turn(s): ", group.turns.len());
    let some: Vec<String> = group
        .wordings
        .iter()
        .take(SHOWN)
        .map(|w| format!("“{w}”"))
        .collect();
    line.push_str(&some.join(" "));
    if group.wordings.len() > SHOWN {
        let _ = write!(line, " and {} more", group.wordings.len() - SHOWN);
    }
    match &group.proposal {
        _ if group.turns.len() < least as usize => {
            line.push_str("\n     too few to propose anything")
        }
        Proposal::Existing { intent, score } => {
            let _ = write!(
                line,
                "\n     more examples for {intent} (leans there with {score:.2})"
            );
        }
        Proposal::New { intent } => {
            let _ = write!(
                line,
                "\n     a new intent: {intent}; give it a better name, and an answer under `globals` or a branch"
            );
        }
    }
    line
}

#[derive(Default)]
struct Edited {
    patch: String,
    /// What could not be put into the file, and why.
    left_out: Vec<String>,
}

/// Puts every proposal into the files that is good there; what the check would refuse is left out.
fn edit(file: &Path, plan: &Dialplan, groups: &[&Group], answers: &[Answer]) -> Result<Edited> {
    let before = bundle::gather(file)?;
    let mut files = before.clone();
    let mut edited = Edited::default();
    let lang = plan.lang.to_string();
    for group in groups {
        let intent = group.proposal.intent();
        let examples: Vec<String> = group.wordings.iter().take(MOST_EXAMPLES).cloned().collect();
        let new = place::phrases(&texts(&files), intent, &lang, &examples);
        take(&mut files, new, intent, &mut edited);
    }
    for answer in answers {
        let name = place::free_name(&texts(&files));
        let question = [answer.question.clone()];
        let new = place::answer(&texts(&files), &name, &lang, &question, &answer.answer);
        take(&mut files, new, &name, &mut edited);
    }
    let dir = file.parent().unwrap_or(Path::new(""));
    for (old, new) in before.iter().zip(&files) {
        if old.text != new.text {
            let path: PathBuf = dir.join(&old.path);
            let path = path.display().to_string();
            let diff = TextDiff::from_lines(old.text.as_str(), new.text.as_str());
            let _ = write!(edited.patch, "{}", diff.unified_diff().header(&path, &path));
        }
    }
    Ok(edited)
}

fn texts(files: &[BundleFile]) -> Vec<&str> {
    files.iter().map(|f| f.text.as_str()).collect()
}

/// Takes an edit over when the dialplan is still good with it.
fn take(files: &mut [BundleFile], new: Option<(usize, String)>, intent: &str, edited: &mut Edited) {
    let Some((at, new)) = new else {
        edited.left_out.push(format!(
            "{intent}: the file has no place for it that is surely right"
        ));
        return;
    };
    let old = std::mem::replace(&mut files[at].text, new);
    if let Err(why) = good(files) {
        files[at].text = old;
        edited.left_out.push(format!("{intent}: {why}"));
    }
}

fn good(files: &[BundleFile]) -> Result<(), String> {
    let dir = temporary().map_err(|e| e.to_string())?;
    let checked = bundle::unpack(files, &dir)
        .map_err(anyhow::Error::from)
        .and_then(|file| check::examine(&file))
        .map_err(|e| format!("{e:#}"));
    let _ = std::fs::remove_dir_all(&dir);
    let (_, found, _) = checked?;
    let error = found.iter().find(|d| {
        d.severity == crate::dialogue::Severity::Error && !d.message.contains("recording")
    });
    match error {
        Some(e) => Err(e.message.clone()),
        None => Ok(()),
    }
}

/// A folder of our own for the time of a check.
fn temporary() -> std::io::Result<PathBuf> {
    let name = format!(
        "callsmith-{}-{:x}",
        std::process::id(),
        rand::random::<u64>()
    );
    let dir = std::env::temp_dir().join(name);
    std::fs::create_dir(&dir)?;
    Ok(dir)
}
