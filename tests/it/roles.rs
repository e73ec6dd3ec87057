//! Who may do what, over real HTTP: logins, links, keys, tenants, the audit log, and every route for every role.

mod accounts;
mod keys;
mod matrix;
mod objects;
mod streams;
mod tenants;

use crate::web_rig::{Client, NOW, PLATFORM, Reply, Rig, witness};
use callsmith::web::access::Role;
use serde_json::json;
