//! What a campaign is told, checked before it is kept.

use crate::campaign::list::Wanted;
use crate::campaign::settings::{is_country, windows};
use crate::store::{CampaignRow, CampaignSettings, Kept, TenantId};
use crate::web::Web;
use crate::web::answer::{Answer, Refusal};
use crate::web::dialplans::bundle::Head;
use crate::web::dialplans::library;
use crate::web::guard::Who;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;

const NAME_CHARS: usize = 80;
const CONCURRENCY: std::ops::RangeInclusive<u32> = 1..=500;
const PRIORITY: std::ops::RangeInclusive<u32> = 1..=9;
const ATTEMPTS: std::ops::RangeInclusive<u32> = 1..=10;

/// A campaign to be.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"name": "spring", "dialplans": ["course", "course-en"], "trunk": "main", "concurrency": 20, "priority": 5,
    "windows": "default", "max_attempts": 3, "country": "CN"}))]
pub struct CampaignWish {
    pub name: String,
    /// Names of dialplans, one for each language.
    pub dialplans: Vec<String>,
    pub trunk: String,
    /// Calls at once, 1 to 500.
    pub concurrency: u32,
    /// 1 (first) to 9.
    pub priority: u32,
    /// `default`, `always`, or as `mon-sat 09:00-12:00, 14:00-20:00`.
    pub windows: Option<String>,
    /// Calls per lead, 1 to 10.
    pub max_attempts: Option<u32>,
    /// ISO 3166 letters.
    pub country: String,
}

/// What changes; the rest stays.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({"concurrency": 40, "windows": "mon-sat 09:00-12:00, 14:00-20:00"}))]
pub struct CampaignChange {
    pub name: Option<String>,
    pub dialplans: Option<Vec<String>>,
    pub trunk: Option<String>,
    pub concurrency: Option<u32>,
    pub priority: Option<u32>,
    pub windows: Option<String>,
    pub max_attempts: Option<u32>,
    pub country: Option<String>,
}

/// Makes a campaign, or says which field is wrong.
pub(super) async fn make(web: &Web, who: &Who, wish: CampaignWish) -> Answer<CampaignRow> {
    let settings = CampaignSettings {
        name: wish.name.trim().to_owned(),
        dialplans: wish.dialplans,
        trunk: wish.trunk,
        concurrency: wish.concurrency,
        priority: wish.priority,
        windows: wish.windows.unwrap_or_else(|| "default".into()),
        max_attempts: wish.max_attempts.unwrap_or(3),
        country: wish.country,
    };
    check(&settings)?;
    known(web, who.tenant, &settings, None).await?;
    let kept = web.store.campaign_add(who.tenant, &settings).await?;
    let row = row_of(web, who, kept).await?;
    told(web, who, "campaigns.create", &row).await?;
    web.campaigns.touch(row.tenant, row.id);
    Ok(row)
}

/// Changes a campaign, or says which field is wrong.
pub(super) async fn change(
    web: &Web,
    who: &Who,
    row: CampaignRow,
    wish: CampaignChange,
) -> Answer<CampaignRow> {
    let old = row.settings;
    let settings = CampaignSettings {
        name: wish
            .name
            .map_or_else(|| old.name.clone(), |n| n.trim().to_owned()),
        dialplans: wish.dialplans.unwrap_or_else(|| old.dialplans.clone()),
        trunk: wish.trunk.unwrap_or_else(|| old.trunk.clone()),
        concurrency: wish.concurrency.unwrap_or(old.concurrency),
        priority: wish.priority.unwrap_or(old.priority),
        windows: wish.windows.unwrap_or_else(|| old.windows.clone()),
        max_attempts: wish.max_attempts.unwrap_or(old.max_attempts),
        country: wish.country.unwrap_or_else(|| old.country.clone()),
    };
    check(&settings)?;
    known(web, who.tenant, &settings, Some(&old)).await?;
    let kept = web
        .store
        .campaign_change(who.tenant, row.id, &settings)
        .await?;
    let row = row_of(web, who, kept).await?;
    told(web, who, "campaigns.change", &row).await?;
    web.campaigns.touch(row.tenant, row.id);
    Ok(row)
}

async fn told(web: &Web, who: &Who, action: &str, row: &CampaignRow) -> Answer<()> {
    let s = &row.settings;
    let detail = serde_json::json!({
        "name": s.name, "dialplans": s.dialplans, "trunk": s.trunk, "concurrency": s.concurrency,
        "priority": s.priority, "windows": s.windows, "max_attempts": s.max_attempts, "country": s.country,
    });
    let object = format!("campaign:{}", row.id.0);
    Ok(web.audit(who, action, object, detail).await?)
}

/// Whether a campaign has all it needs to dial.
pub(super) async fn ready(web: &Web, row: &CampaignRow) -> Answer<()> {
    if row.settings.dialplans.is_empty() {
        return Err(Refusal::conflict(
            "no_dialplan",
            "the campaign has no dialplan; choose one in its settings",
        ));
    }
    let plans = plans(web, row.tenant, &row.settings.dialplans).await?;
    let mut names = row.settings.dialplans.iter();
    if let Some(name) = names.find(|n| !plans.contains_key(*n)) {
        return Err(Refusal::conflict(
            "no_dialplan",
            format!("there is no dialplan {name:?} any more; publish it, or choose another"),
        ));
    }
    let progress = web.store.progress(row.id).await?;
    if progress.queued + progress.claimed == 0 {
        return Err(Refusal::conflict(
            "no_leads",
            "there is nobody left to call; import a list, or add a lead",
        ));
    }
    Ok(())
}

async fn row_of(web: &Web, who: &Who, kept: Kept) -> Answer<CampaignRow> {
    match kept {
        Kept::Yes(id) => super::owned(web, who.tenant, id.0).await,
        Kept::NameTaken => {
            let mut refusal = Refusal::conflict("name_taken", "another campaign has this name");
            refusal.field = Some("name".into());
            Err(refusal)
        }
        Kept::Gone => Err(Refusal::not_found("such campaign")),
    }
}

fn check(settings: &CampaignSettings) -> Answer<()> {
    let name = &settings.name;
    let length = name.chars().count();
    if name.is_empty() || length > NAME_CHARS || name.chars().any(char::is_control) {
        return Err(Refusal::field(
            "name",
            format!("give a name of 1 to {NAME_CHARS} characters"),
        ));
    }
    within("concurrency", settings.concurrency, &CONCURRENCY)?;
    within("priority", settings.priority, &PRIORITY)?;
    within("max_attempts", settings.max_attempts, &ATTEMPTS)?;
    if !is_country(&settings.country) {
        return Err(Refusal::field(
            "country",
            format!(
                "{:?} is not known; use two letters such as CN, US, GB",
                settings.country
            ),
        ));
    }
    windows(&settings.windows, &settings.country).map_err(|why| Refusal::field("windows", why))?;
    Ok(())
}

fn within(field: &str, value: u32, range: &std::ops::RangeInclusive<u32>) -> Answer<()> {
    if range.contains(&value) {
        return Ok(());
    }
    Err(Refusal::field(
        field,
        format!(
            "{value} is not possible; give {} to {}",
            range.start(),
            range.end()
        ),
    ))
}

/// Dialplans must be there and speak one language each; the trunk must be one of those there are. What stays as it
/// was is not looked at again.
async fn known(
    web: &Web,
    tenant: TenantId,
    settings: &CampaignSettings,
    before: Option<&CampaignSettings>,
) -> Answer<()> {
    let trunks = &web.campaigns.trunks;
    let other = before.is_none_or(|b| b.trunk != settings.trunk);
    if other && !trunks.is_empty() && trunks.iter().all(|t| t.name != settings.trunk) {
        let names: Vec<&str> = trunks.iter().map(|t| t.name.as_str()).collect();
        return Err(Refusal::field(
            "trunk",
            format!(
                "{:?} is no trunk (there are: {})",
                settings.trunk,
                names.join(", ")
            ),
        ));
    }
    if before.is_some_and(|b| b.dialplans == settings.dialplans) {
        return Ok(());
    }
    if settings.dialplans.is_empty() || settings.dialplans.len() > 8 {
        return Err(Refusal::field("dialplans", "choose one for each language"));
    }
    let plans = plans(web, tenant, &settings.dialplans).await?;
    let mut spoken: BTreeMap<&String, &String> = BTreeMap::new();
    for name in &settings.dialplans {
        let Some(plan) = plans.get(name) else {
            return Err(Refusal::field(
                "dialplans",
                format!("there is no dialplan {name:?}; publish it first"),
            ));
        };
        for lang in &plan.langs {
            if let Some(other) = spoken.insert(lang, name) {
                return Err(Refusal::field(
                    "dialplans",
                    format!(
                        "{other:?} and {name:?} both speak {lang}; choose one for each language"
                    ),
                ));
            }
        }
    }
    Ok(())
}

/// A dialplan as far as a campaign asks about it.
#[derive(Clone, Debug)]
pub struct PlanHead {
    /// The first of its languages.
    pub lang: String,
    pub langs: Vec<String>,
    pub version: Option<i64>,
}

/// What there is of the dialplans that campaigns name.
pub type Plans = BTreeMap<String, PlanHead>;

/// Those of the names that mean a dialplan to the tenant.
pub(super) async fn plans(web: &Web, tenant: TenantId, names: &[String]) -> Answer<Plans> {
    let mut plans = Plans::new();
    let names: BTreeSet<&String> = names.iter().collect();
    for name in names {
        if let Some(found) = library::look_up(web, tenant, name).await? {
            let langs = Head::of(found.text()).langs();
            let head = PlanHead {
                lang: langs.first().cloned().unwrap_or_default(),
                langs,
                version: found.version,
            };
            plans.insert(name.clone(), head);
        }
    }
    Ok(plans)
}

/// The lead variables that a campaign's dialplans use. A dialplan that does not load is told of when it starts.
pub(in crate::web) async fn wanted(web: &Web, campaign: &CampaignRow) -> Answer<Vec<Wanted>> {
    let mut all: BTreeMap<String, bool> = BTreeMap::new();
    for name in &campaign.settings.dialplans {
        let Some(found) = library::look_up(web, campaign.tenant, name).await? else {
            continue;
        };
        if let Ok(plan) = library::load(web, &found).await {
            for (name, field) in &plan.lead {
                *all.entry(name.clone()).or_default() |= field.required;
            }
        }
    }
    let wanted = all.into_iter();
    Ok(wanted
        .map(|(name, required)| Wanted { name, required })
        .collect())
}
