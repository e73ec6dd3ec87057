//! The dialplan file, read.
use super::diagnostic::{At, Diagnostic, Severity};
use super::plan::Dialplan;

impl Dialplan {
    /// Reads and checks a dialplan's text. `file_name` is for the messages.
    ///
    /// # Errors
    /// Everything wrong with it, in the order of the file, warnings included.
    pub fn parse(text: &str, file_name: &str) -> Result<Dialplan, Vec<Diagnostic>> {
        let _ = super::yaml::parse(text, file_name).map_err(|d| vec![d])?;
        Err(vec![Diagnostic::new(
            file_name,
            At::default(),
            Severity::Error,
            "not read yet",
            "",
        )])
    }
}
