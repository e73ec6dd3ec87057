//! From a campaign's row to everything its calls need.

use crate::app::dial;
use crate::app::launcher::Loaded;
use crate::app::reload::{Reloading, Source};
use crate::app::station::{Errand, Station};
use crate::campaign::dialer::Plan;
use crate::campaign::lane::Lane;
use crate::campaign::manager::{Prepare, Prepared};
use crate::campaign::retry::RetryRules;
use crate::campaign::settings::windows;
use crate::desk::board::Named;
use crate::dialogue::traits::Embedder;
use crate::sip::Trunk;
use crate::store::{CampaignId, CampaignRow, Kind, Store};
use crate::terms::Lang;
use crate::voice::Studio;
use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

/// A phone rings this long before we give up.
const RING: Duration = Duration::from_secs(45);

/// What all campaigns share. Cheap to clone.
#[derive(Clone)]
pub struct Preparer {
    pub store: Store,
    pub station: Arc<Station>,
    /// Each trunk with its lane; campaigns that name none use the first.
    pub trunks: Vec<(Arc<Trunk>, Lane)>,
    pub studio: Arc<Studio>,
    pub mind: Option<Arc<dyn Embedder>>,
    pub data_dir: PathBuf,
}

impl Prepare for Preparer {
    fn prepare(
        &self,
        campaign: CampaignId,
    ) -> Pin<Box<dyn Future<Output = Result<Prepared, String>> + Send>> {
        let this = self.clone();
        Box::pin(async move { this.ready(campaign).await.map_err(|e| format!("{e:#}")) })
    }
}

impl Preparer {
    async fn ready(&self, id: CampaignId) -> Result<Prepared> {
        let tenant = self
            .store
            .tenant_of(Kind::Campaign, &id.0.to_string())
            .await?
            .context("the campaign is gone")?;
        let row = self
            .store
            .campaign_of(tenant, id)
            .await?
            .context("the campaign is gone")?;
        let (trunk, lane) = self.trunk(&row)?;
        let sources = self.sources(&row)?;
        let dialplans = self.load(&sources).await?;
        let progress = indicatif::ProgressBar::hidden();
        dial::render_fixed(&self.studio, &dialplans, &progress).await?;
        let launcher = self.station.launcher(Errand {
            tenant,
            campaign: Named {
                id: id.0,
                name: row.settings.name.clone(),
            },
            trunk,
            dialplans: Reloading::start(
                dialplans,
                sources,
                Some(dial::prepare(self.studio.clone())),
                self.mind.clone(),
            ),
            ring_timeout: RING,
        });
        Ok(Prepared {
            launch: Arc::new(launcher),
            plan: Plan {
                campaign: id,
                concurrency: row.settings.concurrency,
                priority: row.settings.priority,
                windows: windows(&row.settings.windows, &row.settings.country)
                    .map_err(anyhow::Error::msg)?,
                retry: RetryRules {
                    max_attempts: row.settings.max_attempts,
                    ..RetryRules::default()
                },
                wait: true,
            },
            lane,
        })
    }

    fn trunk(&self, row: &CampaignRow) -> Result<(Arc<Trunk>, Lane)> {
        let wanted = &row.settings.trunk;
        let found = self
            .trunks
            .iter()
            .find(|(trunk, _)| wanted.is_empty() || trunk.name == *wanted);
        match found {
            Some((trunk, lane)) => Ok((trunk.clone(), lane.clone())),
            None if self.trunks.is_empty() => {
                bail!("the server has no trunk: start it with --trunk FILE")
            }
            None => {
                let names: Vec<&str> = self.trunks.iter().map(|(t, _)| t.name.as_str()).collect();
                bail!(
                    "the server has no trunk called {wanted:?}; it has {}",
                    names.join(", ")
                )
            }
        }
    }

    /// Published dialplans by their names; what the command line gave as it was.
    fn sources(&self, row: &CampaignRow) -> Result<Vec<Source>> {
        let published = |name: &String| Source::Published {
            tenant: row.tenant,
            name: name.clone(),
            data: self.data_dir.clone(),
        };
        let named = &row.settings.dialplans;
        let given = row.dialplan.split(", ").filter(|d| !d.is_empty());
        let sources: Vec<Source> = if named.is_empty() {
            given
                .map(|d| Source::of(Path::new(d), &self.data_dir))
                .collect()
        } else {
            named.iter().map(published).collect()
        };
        if sources.is_empty() {
            bail!("the campaign has no dialplan: choose one for each language of its list");
        }
        Ok(sources)
    }

    async fn load(&self, sources: &[Source]) -> Result<BTreeMap<Lang, Loaded>> {
        let mut files = Vec::new();
        for source in sources {
            files.push(source.file().await?);
        }
        let mind = self.mind.clone();
        tokio::task::spawn_blocking(move || dial::load_dialplans(&files, mind.as_ref())).await?
    }
}
