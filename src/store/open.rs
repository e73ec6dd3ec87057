//! Opening a data folder: lock, database, migrations, spool.

use super::migrations::MIGRATIONS;
use super::{Caps, Journal, StoreError, error::sort, spool::Spool};
use crate::terms::Clock;
use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions, Connection, Row, SqlSafeStr, SqliteConnection};
use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// The database's file name in the data folder.
const DATABASE: &str = "callsmith.db";
const LOCK: &str = "callsmith.lock";
const SPOOL: &str = "journal.ndjson";
/// Databases up to this size are checked for damage at every start; reading more would hold the start up.
const CHECK_BYTES: u64 = 512 << 20;
/// How long opening waits for another program's lock, ms.
const OPEN_BUSY_MS: u64 = 5000;

/// What may be set about a store.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    pub caps: Caps,
    /// How long a write waits for another program's lock, ms.
    pub busy_ms: u64,
    /// This process's name in the rows it writes.
    pub node: String,
}

impl Default for StoreOptions {
    fn default() -> Self {
        StoreOptions {
            caps: Caps::default(),
            busy_ms: 2000,
            node: "local".into(),
        }
    }
}

/// The database of one data folder. Cheap to clone.
#[derive(Clone)]
pub struct Store(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub file: PathBuf,
    pub clock: Clock,
    pub caps: Caps,
    pub node: String,
    pub epoch: i64,
    /// One connection, synchronous=FULL: what it committed survives a power cut.
    pub write: SqlitePool,
    pub read: SqlitePool,
    pub spool: Arc<Spool>,
    pub journal: Journal,
    /// Lines the spool file of an earlier process held.
    pub replayed: u64,
    lock: Option<Arc<File>>,
}

impl Store {
    /// Opens (or makes) the database in `data_dir` for the one process that dials.
    ///
    /// # Errors
    /// The folder is in use by another process, or the database is damaged, of another version, or cannot be written.
    pub async fn open(data_dir: &Path, clock: Clock) -> Result<Store, StoreError> {
        Store::open_with(data_dir, clock, StoreOptions::default()).await
    }

    /// As [`Store::open`], with settings.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub async fn open_with(
        data_dir: &Path,
        clock: Clock,
        options: StoreOptions,
    ) -> Result<Store, StoreError> {
        let file = data_dir.join(DATABASE);
        std::fs::create_dir_all(data_dir).map_err(|e| cannot_make(data_dir, &e))?;
        let lock = Arc::new(lock(data_dir)?);
        let mut first = prepare(&file).await?;
        let failed = |e| sort(&file, e);
        let epoch = next_epoch(&mut first).await.map_err(failed)?;
        let mut inner = connect(file.clone(), clock, options, Some(lock)).await?;
        inner.epoch = epoch;
        // Opt-outs and outcomes that only reached the spool file must be known before anything is dialled.
        inner.replayed = inner.spool.replay().await?;
        first.close().await.map_err(failed)?;
        Ok(Store(Arc::new(inner)))
    }

    /// Opens an existing database beside the process that dials: to read calls, or to add a number to the
    /// do-not-call list while it runs. Must not claim or dial.
    ///
    /// # Errors
    /// There is no database, or it cannot be read.
    pub async fn open_beside(data_dir: &Path, clock: Clock) -> Result<Store, StoreError> {
        let file = data_dir.join(DATABASE);
        if !file.exists() {
            return Err(StoreError::CannotOpen {
                file,
                what: "there is no database in this folder yet; run a campaign first, or name the right folder with --data".into(),
            });
        }
        let first = prepare(&file).await?;
        let inner = connect(file.clone(), clock, StoreOptions::default(), None).await?;
        first.close().await.map_err(|e| sort(&file, e))?;
        Ok(Store(Arc::new(inner)))
    }

    /// The handle that calls write their events to.
    #[must_use]
    pub fn journal(&self) -> Journal {
        self.0.journal.clone()
    }

    /// Writes everything out and closes the database.
    pub async fn close(self) {
        self.0.journal.flush().await;
        self.0.read.close().await;
        self.0.write.close().await;
    }

    /// Only the process that holds the folder's lock may claim and dial.
    pub(super) fn must_own(&self) -> Result<(), StoreError> {
        match self.0.lock {
            Some(_) => Ok(()),
            None => Err(StoreError::Other(
                "this database was opened beside the process that dials".into(),
            )),
        }
    }

    pub(super) fn sorted(&self) -> impl Fn(sqlx::Error) -> StoreError + '_ {
        move |e| sort(&self.0.file, e)
    }
}

/// Checks the database and brings it to this version, with patience: the process before may still be closing it.
/// The connection stays open until the pools have theirs, so that nobody is the last to leave in between.
async fn prepare(file: &Path) -> Result<SqliteConnection, StoreError> {
    let failed = |e| sort(file, e);
    let mut db = base(file, OPEN_BUSY_MS)
        .synchronous(SqliteSynchronous::Full)
        .connect()
        .await
        .map_err(failed)?;
    let size = std::fs::metadata(file).map_or(0, |m| m.len());
    if size > 0 && size <= CHECK_BYTES {
        let row = sqlx::query("PRAGMA quick_check(1)")
            .fetch_one(&mut db)
            .await
            .map_err(failed)?;
        let what: String = row.try_get(0).map_err(failed)?;
        if what != "ok" {
            return Err(StoreError::Corrupt {
                file: file.to_path_buf(),
                what,
            });
        }
    }
    migrate(&mut db, file).await?;
    Ok(db)
}

fn base(file: &Path, busy_ms: u64) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .foreign_keys(true)
        .busy_timeout(Duration::from_millis(busy_ms))
}

async fn connect(
    file: PathBuf,
    clock: Clock,
    options: StoreOptions,
    lock: Option<Arc<File>>,
) -> Result<Inner, StoreError> {
    let base = base(&file, options.busy_ms);
    let one = || {
        SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(Duration::from_secs(30))
    };
    let write = one()
        .connect_with(base.clone().synchronous(SqliteSynchronous::Full))
        .await
        .map_err(|e| sort(&file, e))?;
    // The journal may lose its last moments in a power cut (never in a crash of the program); it is what makes
    // writing hundreds of events a second cheap.
    let base = base.synchronous(SqliteSynchronous::Normal);
    let read = SqlitePoolOptions::new()
        .max_connections(4)
        .acquire_timeout(Duration::from_secs(30))
        .connect_lazy_with(base.clone());
    let events = one().connect_lazy_with(base);
    let spool = Arc::new(Spool::new(
        file.with_file_name(SPOOL),
        file.clone(),
        events.clone(),
        lock.is_some(),
    ));
    let journal = Journal::start(spool.clone(), events, lock.clone());
    Ok(Inner {
        file,
        clock,
        caps: options.caps,
        node: options.node,
        epoch: 0,
        write,
        read,
        spool,
        journal,
        replayed: 0,
        lock,
    })
}

async fn migrate(db: &mut SqliteConnection, file: &Path) -> Result<(), StoreError> {
    let migrations = MIGRATIONS
        .iter()
        .map(|(version, name, sql)| {
            Migration::new(
                *version,
                (*name).into(),
                MigrationType::Simple,
                (*sql).into_sql_str(),
                false,
            )
        })
        .collect();
    let done = Migrator::with_migrations(migrations).run(&mut *db).await;
    done.map_err(|e| match e {
        MigrateError::Execute(e) | MigrateError::ExecuteMigration(e, _) => sort(file, e),
        other => StoreError::Version {
            file: file.to_path_buf(),
            what: other.to_string(),
        },
    })
}

/// Every start gets a higher number, written into its rows: what carries a lower one was left by a dead process.
async fn next_epoch(db: &mut SqliteConnection) -> Result<i64, sqlx::Error> {
    let row = sqlx::query(
        "INSERT INTO meta (key, value) VALUES ('epoch', '1') ON CONFLICT (key) DO UPDATE \
         SET value = CAST(CAST(meta.value AS INTEGER) + 1 AS TEXT) RETURNING value",
    )
    .fetch_one(db)
    .await?;
    let value: String = row.try_get(0)?;
    value.parse().map_err(|e| sqlx::Error::Decode(Box::new(e)))
}

fn lock(dir: &Path) -> Result<File, StoreError> {
    let path = dir.join(LOCK);
    let mut file = File::options()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .open(&path)
        .map_err(|e| cannot_make(&path, &e))?;
    match file.try_lock() {
        Ok(()) => {
            let pid = std::process::id().to_string();
            // The number is only for the other one's error message.
            let _ = file
                .set_len(0)
                .and_then(|()| file.rewind())
                .and_then(|()| file.write_all(pid.as_bytes()));
            Ok(file)
        }
        Err(TryLockError::WouldBlock) => {
            let mut pid = String::new();
            let _ = file.read_to_string(&mut pid);
            let pid = pid.trim();
            Err(StoreError::InUse {
                dir: dir.to_path_buf(),
                holder: if pid.is_empty() {
                    String::new()
                } else {
                    format!(" (number {pid})")
                },
            })
        }
        Err(TryLockError::Error(e)) => Err(cannot_make(&path, &e)),
    }
}

fn cannot_make(path: &Path, error: &std::io::Error) -> StoreError {
    use std::io::ErrorKind as K;
    let file = path.to_path_buf();
    match error.kind() {
        K::StorageFull => StoreError::DiskFull { file },
        K::PermissionDenied | K::ReadOnlyFilesystem => StoreError::ReadOnly {
            file,
            what: error.to_string(),
        },
        K::AlreadyExists | K::NotADirectory => StoreError::CannotOpen {
            file,
            what: "a file stands where the data folder should be; name another folder with --data"
                .into(),
        },
        _ => StoreError::CannotOpen {
            file,
            what: format!("{error}; name another data folder with --data"),
        },
    }
}
