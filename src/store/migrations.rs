//! The database's shape, step by step.

/// Number, name, statements; oldest first. A released one never changes.
pub const MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "first", include_str!("migrations/0001_first.sql")),
    (
        2,
        "dialplans",
        include_str!("migrations/0002_dialplans.sql"),
    ),
    (3, "contacts", include_str!("migrations/0003_contacts.sql")),
    (4, "people", include_str!("migrations/0004_people.sql")),
    (5, "desk", include_str!("migrations/0005_desk.sql")),
    (6, "lists", include_str!("migrations/0006_lists.sql")),
    (7, "past", include_str!("migrations/0007_past.sql")),
    (8, "plans", include_str!("migrations/0008_plans.sql")),
];
