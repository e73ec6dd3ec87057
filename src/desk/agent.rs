//! The agents' list, a TOML file:
//!
//! ```toml
//! [[agent]]
//! id = "li"
//! name = "李老师"
//! uri = "sip:101@192.0.2.10:5060"
//! skills = ["sales", "zh"]
//! ```

use serde::Deserialize;
use std::path::Path;
use thiserror::Error;

/// A human at the desk.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agent {
    pub id: String,
    #[serde(default)]
    pub name: String,
    /// The phone's SIP URI.
    pub uri: String,
    #[serde(default)]
    pub skills: Vec<String>,
}

#[derive(Debug, Error)]
pub enum AgentsError {
    #[error("{file}: cannot be read: {why}")]
    Unreadable { file: String, why: String },
    #[error("{file}: {why}")]
    Invalid { file: String, why: String },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AgentsFile {
    #[serde(default)]
    agent: Vec<Agent>,
}

/// Reads the list. The error names the file, the line and what to do.
pub fn load(path: &Path) -> Result<Vec<Agent>, AgentsError> {
    let file = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|e| AgentsError::Unreadable {
        file: file.clone(),
        why: match e.kind() {
            std::io::ErrorKind::InvalidData => "it is not UTF-8; save it as UTF-8".into(),
            std::io::ErrorKind::NotFound => {
                "there is no such file; give the agents' TOML file".into()
            }
            _ => e.to_string(),
        },
    })?;
    parse(&text, &file)
}

pub fn parse(text: &str, file: &str) -> Result<Vec<Agent>, AgentsError> {
    let invalid = |why: String| AgentsError::Invalid {
        file: file.to_string(),
        why,
    };
    let list: AgentsFile = toml::from_str(text).map_err(|e| invalid(e.to_string()))?;
    for (i, agent) in list.agent.iter().enumerate() {
        let which = format!("agent {} ({:?})", i + 1, agent.id);
        if agent.id.is_empty() {
            return Err(invalid(format!(
                "{which}: the id is empty; give every agent an id"
            )));
        }
        if !agent.uri.starts_with("sip:") || !agent.uri.contains('@') {
            return Err(invalid(format!(
                "{which}: {:?} is not a SIP URI; write sip:USER@HOST:PORT",
                agent.uri
            )));
        }
        if list.agent[..i].iter().any(|a| a.id == agent.id) {
            return Err(invalid(format!(
                "{which}: the id is taken by an agent above; ids must differ"
            )));
        }
    }
    Ok(list.agent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_and_its_mistakes_are_named() {
        let good = "[[agent]]\nid='li'\nuri='sip:101@127.0.0.1:5080'\nskills=['sales']";
        assert_eq!(parse(good, "agents.toml").unwrap()[0].skills, ["sales"]);
        for (bad, word) in [
            ("[[agent]]\nid='li'\nuri='101'", "SIP URI"),
            (
                "[[agent]]\nid='li'\nuri='sip:a@b'\n[[agent]]\nid='li'\nuri='sip:c@d'",
                "ids must differ",
            ),
            ("[[agent]]\nid='li'\nuri='sip:a@b'\nskils=[]", "skils"),
        ] {
            let told = parse(bad, "agents.toml").unwrap_err().to_string();
            assert!(
                told.contains("agents.toml") && told.contains(word),
                "{told}"
            );
        }
    }
}
