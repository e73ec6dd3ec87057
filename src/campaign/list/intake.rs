//! A whole list, checked or taken in, a thousand rows at a time.
//!
//! Reading happens on a thread of its own and waits for the database, so memory does not grow with the list. What went
//! in stays when it is stopped or the power fails; taking the same list in again adds only what is missing.

use super::{ListError, ListOptions, ListReader, RowError};
use crate::campaign::export::inert;
use crate::store::{CampaignId, LeadRow, Store, StoreError};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio_util::sync::CancellationToken;

/// Rows per transaction.
const BATCH: u64 = 1000;

/// What is to become of the rows.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Aim {
    /// Nothing is stored; with a campaign, the numbers it has already are counted.
    Check(Option<CampaignId>),
    Import(CampaignId),
}

/// How far it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Rows read.
    pub rows: u64,
    /// Leads that went in, or would.
    pub added: u64,
    /// Rows whose numbers the campaign has already.
    pub known: u64,
    /// Of `added`, those whose numbers are all on the do-not-call list.
    pub on_dnc: u64,
    /// Rows left out because something is wrong with them, duplicates not counted.
    pub bad: u64,
    /// Rows left out because their number stands further up in the list.
    pub duplicates: u64,
}

/// Why a list did not go through to its end.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    #[error(transparent)]
    List(#[from] ListError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the row errors cannot be written down: {0}")]
    Errors(std::io::Error),
    #[error("stopped")]
    Stopped,
}

/// Reads the list and checks or imports it. All row errors go to the file `errors`, as CSV; `tell` hears the counts and
/// the errors of each batch.
///
/// # Errors
/// The list cannot be read or its header not be understood, the database fails, or `stop` was called.
pub async fn take_in(
    store: &Store,
    list: &Path,
    options: ListOptions,
    aim: Aim,
    errors: Option<PathBuf>,
    stop: &CancellationToken,
    mut tell: impl FnMut(&Counts, &[RowError]),
) -> Result<Counts, IntakeError> {
    let list = list.to_path_buf();
    let (send, mut batches) = mpsc::channel(1);
    let reading =
        tokio::task::spawn_blocking(move || read(&list, options, errors.as_deref(), &send));
    let done = put(store, aim, &mut batches, stop, &mut tell).await;
    // Whoever reads notices that nobody listens any more.
    drop(batches);
    let read = reading.await.map_err(|e| {
        IntakeError::List(ListError::Unreadable {
            file: PathBuf::new(),
            what: e.to_string(),
        })
    })?;
    let counts = done?;
    read?;
    Ok(counts)
}

struct Batch {
    rows: u64,
    duplicates: u64,
    leads: Vec<LeadRow>,
    errors: Vec<RowError>,
}

async fn put(
    store: &Store,
    aim: Aim,
    batches: &mut Receiver<Batch>,
    stop: &CancellationToken,
    tell: &mut impl FnMut(&Counts, &[RowError]),
) -> Result<Counts, IntakeError> {
    let mut counts = Counts::default();
    loop {
        let batch = tokio::select! {
            biased;
            () = stop.cancelled() => return Err(IntakeError::Stopped),
            batch = batches.recv() => batch,
        };
        let Some(batch) = batch else {
            return Ok(counts);
        };
        let found = match aim {
            Aim::Check(campaign) => store.import_check(campaign, &batch.leads).await?,
            Aim::Import(campaign) => store.import(campaign, &batch.leads).await?,
        };
        counts.rows = batch.rows;
        counts.added += found.added;
        counts.known += found.known;
        counts.on_dnc += found.on_dnc;
        counts.bad += batch.errors.len() as u64 - batch.duplicates;
        counts.duplicates += batch.duplicates;
        tell(&counts, &batch.errors);
    }
}

fn read(
    list: &Path,
    options: ListOptions,
    errors: Option<&Path>,
    send: &Sender<Batch>,
) -> Result<(), IntakeError> {
    let mut reader = ListReader::open(list, options)?;
    let mut written = errors
        .map(ErrorFile::new)
        .transpose()
        .map_err(IntakeError::Errors)?;
    let mut told = 0;
    loop {
        let mut batch = Batch {
            rows: 0,
            duplicates: 0,
            leads: Vec::new(),
            errors: Vec::new(),
        };
        for item in reader.by_ref().take(BATCH as usize) {
            match item {
                Ok(lead) => batch.leads.push(lead),
                Err(error) => {
                    if let Some(file) = &mut written {
                        file.put(&error).map_err(IntakeError::Errors)?;
                    }
                    batch.errors.push(error);
                }
            }
        }
        let summary = reader.summary();
        batch.rows = summary.rows;
        batch.duplicates = summary.duplicates - told;
        told = summary.duplicates;
        if batch.leads.is_empty() && batch.errors.is_empty() {
            break;
        }
        if send.blocking_send(batch).is_err() {
            return Ok(());
        }
    }
    match written {
        Some(file) => file.end().map_err(IntakeError::Errors),
        None => Ok(()),
    }
}

/// Row errors as CSV for a spreadsheet; cells are shown masked, and none of them runs as a formula.
struct ErrorFile(csv::Writer<BufWriter<File>>);

impl ErrorFile {
    fn new(path: &Path) -> std::io::Result<ErrorFile> {
        let mut file = BufWriter::new(File::create(path)?);
        file.write_all("\u{feff}".as_bytes())?;
        let mut writer = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .from_writer(file);
        writer.write_record([
            "row", "column", "value", "problem", "advice", "问题", "办法",
        ])?;
        Ok(ErrorFile(writer))
    }

    fn put(&mut self, error: &RowError) -> std::io::Result<()> {
        let row = error.row.to_string();
        let (problem, advice) = error.zh();
        let cells = [
            &row,
            &error.column,
            &error.value,
            &error.problem,
            &error.advice,
            &problem,
            &advice,
        ];
        Ok(self.0.write_record(cells.map(|c| inert(c)))?)
    }

    fn end(mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}
