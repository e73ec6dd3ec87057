//! Who may do what, over real HTTP: logins, links, keys, tenants, the audit log, and every route for every role.

mod accounts;

use crate::web_rig::{Client, NOW, PLATFORM, Reply, Rig, witness};
use callsmith::web::access::Role;
use serde_json::json;
