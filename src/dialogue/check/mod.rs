//! What a dialplan may not say.
