//! What the dialogue asks of a neural net: a vector for a text.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

/// Turns texts into vectors that lie close together when the texts mean the same.
pub trait Embedder: Send + Sync {
    /// The vector of one text, of unit length; the same text always gives the same vector. Some milliseconds of work.
    ///
    /// # Errors
    /// The text could not be cut into tokens, or the model could not be run.
    fn embed(&self, text: &str) -> Result<Vec<f32>, EmbedError>;

    /// Tells this model file from every other; it goes into the keys of caches.
    fn id(&self) -> &str;
}

/// Why a text has no vector.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EmbedError {
    #[error("the text could not be cut into tokens: {0}")]
    Tokens(String),
    #[error("the sentence model could not be run: {0}")]
    Run(String),
}
