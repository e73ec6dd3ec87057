//! The users who are agents, as members of the desk.

use super::hours::Hours;
use super::member::{Member, Skill};
use crate::store::{DeskUser, Store, StoreError};
use jiff::tz::TimeZone;
use tracing::warn;

/// Everybody with the role agent whose account is open.
///
/// # Errors
/// The database cannot be read.
pub async fn of_users(store: &Store) -> Result<Vec<Member>, StoreError> {
    let users = store.desk_users().await?;
    Ok(users.into_iter().map(member).collect())
}

fn member(user: DeskUser) -> Member {
    let name = if user.display.trim().is_empty() {
        user.name.clone()
    } else {
        user.display
    };
    // Hours that cannot be read would lock an agent out or let him in at any time; the second is seen sooner.
    let hours = user.hours.as_deref().filter(|h| !h.trim().is_empty());
    let hours = hours.and_then(|h| {
        Hours::parse(h)
            .inspect_err(|e| warn!("user {}: {e}; he counts as working at any time", user.name))
            .ok()
    });
    let zone = user.tz.as_deref().filter(|z| !z.trim().is_empty());
    let zone = zone.and_then(|z| {
        TimeZone::get(z)
            .inspect_err(|e| warn!("user {}: {e}; the server's time zone counts", user.name))
            .ok()
    });
    Member {
        user: Some(user.id),
        tenant: user.tenant,
        id: user.name,
        name,
        uri: user.sip_uri.filter(|u| !u.trim().is_empty()),
        skills: user.skills.iter().map(|s| Skill::parse(s)).collect(),
        hours,
        zone: zone.unwrap_or_else(TimeZone::system),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::TenantId;

    #[test]
    fn a_user_is_a_member_with_what_can_be_read_of_his_settings() {
        let user = DeskUser {
            id: 7,
            tenant: TenantId(3),
            name: "li".into(),
            display: "李老师".into(),
            skills: vec!["sales:2".into()],
            sip_uri: Some("".into()),
            hours: Some("mon-fri 09:00-18:00".into()),
            tz: Some("Asia/Shanghai".into()),
        };
        let li = member(user.clone());
        assert_eq!(
            (li.id.as_str(), li.name.as_str(), li.uri),
            ("li", "李老师", None)
        );
        assert_eq!(li.skills[0].level, 2);
        assert!(li.hours.is_some());
        let broken = DeskUser {
            hours: Some("whenever".into()),
            tz: Some("Mars/Base".into()),
            ..user
        };
        assert_eq!(member(broken).hours, None);
    }
}
