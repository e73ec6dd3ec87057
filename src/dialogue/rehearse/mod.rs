//! Plays a dialplan with typed words.
