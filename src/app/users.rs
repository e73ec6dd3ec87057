//! `callsmith users`: people of the console from the terminal, for whoever has lost the last password.

use super::cli::DataArgs;
use crate::store::{Store, TenantId};
use crate::terms::Clock;
use crate::web::access::Role;
use crate::web::account;
use anyhow::{Context, Result, bail};
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub enum UsersCommand {
    /// Make a person; prints the link by which they choose a password (works once, for a day).
    Add {
        /// What they log in with.
        name: String,
        /// admin, ops, supervisor, agent or auditor.
        #[arg(long)]
        role: String,
        /// The console's address as people type it.
        #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080")]
        public_url: String,
        #[command(flatten)]
        data: DataArgs,
    },
    /// A new link for a person who cannot log in any more; the old password works until it is used.
    Link {
        name: String,
        /// The console's address as people type it.
        #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080")]
        public_url: String,
        #[command(flatten)]
        data: DataArgs,
    },
    /// List the people.
    List {
        #[command(flatten)]
        data: DataArgs,
    },
}

/// More people are not listed.
const MOST: u32 = 10_000;

pub async fn run(command: UsersCommand) -> Result<bool> {
    match command {
        UsersCommand::Add {
            name,
            role,
            public_url,
            data,
        } => {
            let role = Role::parse(&role).with_context(|| {
                let all = Role::ALL.map(Role::code).join(", ");
                format!("--role {role}: there is no such role; there are {all}")
            })?;
            let store = open(&data).await?;
            let link =
                account::add_person(&store, TenantId::PLATFORM, &name, role, &public_url).await?;
            store.close().await;
            match link {
                Some(link) => println!("{link}"),
                None => bail!("{name:?} is taken; `callsmith users link {name}` makes a new link"),
            }
        }
        UsersCommand::Link {
            name,
            public_url,
            data,
        } => {
            let store = open(&data).await?;
            let link = account::invite(&store, &name, &public_url).await?;
            store.close().await;
            match link {
                Some(link) => println!("{link}"),
                None => bail!("there is nobody called {name:?}; `callsmith users list` shows all"),
            }
        }
        UsersCommand::List { data } => {
            let store = open(&data).await?;
            for tenant in store.tenants().await? {
                for user in store.users(tenant.id, 0, MOST).await? {
                    let locked = if user.disabled { "  (disabled)" } else { "" };
                    println!(
                        "{:<20} {:<11} {}{locked}",
                        user.name, user.role, tenant.name
                    );
                }
            }
            store.close().await;
        }
    }
    Ok(true)
}

/// Beside the server, when it runs.
async fn open(data: &DataArgs) -> Result<Store> {
    Ok(Store::open_beside(&data.dir, Clock::system()).await?)
}
