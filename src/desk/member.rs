//! Who can be offered calls.

use super::agent::Agent;
use super::hours::Hours;
use crate::store::TenantId;
use jiff::tz::TimeZone;

/// A skill and how good somebody is at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skill {
    pub name: String,
    /// 1 is asked first, 9 last.
    pub level: u8,
}

impl Skill {
    /// `sales`, or `sales:2` for somebody who is asked after all who have it at level 1.
    #[must_use]
    pub fn parse(text: &str) -> Skill {
        let text = text.trim();
        let levelled = text.rsplit_once(':').and_then(|(name, level)| {
            let level: u8 = level.trim().parse().ok()?;
            (1..=9).contains(&level).then(|| Skill {
                name: name.trim().to_string(),
                level,
            })
        });
        levelled.unwrap_or_else(|| Skill {
            name: text.to_string(),
            level: 1,
        })
    }
}

/// A human at the desk.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// The user's row; an agent of a file has none.
    pub user: Option<i64>,
    pub tenant: TenantId,
    /// Unique; what the call's events call the agent.
    pub id: String,
    /// What people read.
    pub name: String,
    /// A SIP phone, rung when no browser is connected.
    pub uri: Option<String>,
    pub skills: Vec<Skill>,
    /// Without hours: whenever present.
    pub hours: Option<Hours>,
    pub zone: TimeZone,
}

impl Member {
    /// The level at which the agent has a skill; everybody can do what needs none.
    #[must_use]
    pub fn level(&self, skill: Option<&str>) -> Option<u8> {
        match skill {
            None => Some(1),
            Some(wanted) => self
                .skills
                .iter()
                .find(|s| s.name == wanted)
                .map(|s| s.level),
        }
    }

    #[must_use]
    pub fn within_hours(&self, unix_ms: i64) -> bool {
        self.hours
            .as_ref()
            .is_none_or(|h| h.open_at(unix_ms, &self.zone))
    }
}

impl From<Agent> for Member {
    fn from(agent: Agent) -> Member {
        Member {
            user: None,
            tenant: TenantId::PLATFORM,
            name: if agent.name.is_empty() {
                agent.id.clone()
            } else {
                agent.name
            },
            id: agent.id,
            uri: Some(agent.uri),
            skills: agent.skills.iter().map(|s| Skill::parse(s)).collect(),
            hours: None,
            zone: TimeZone::UTC,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skills_have_levels() {
        let skill = |text: &str| {
            let s = Skill::parse(text);
            (s.name, s.level)
        };
        assert_eq!(skill("sales"), ("sales".into(), 1));
        assert_eq!(skill(" 贷款 : 3 "), ("贷款".into(), 3));
        assert_eq!(skill("a:b"), ("a:b".into(), 1));
        assert_eq!(skill("x:0"), ("x:0".into(), 1));
    }
}
