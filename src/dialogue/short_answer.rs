//! Short answers (placeholder until the real reading is merged).
