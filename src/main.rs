use std::process::ExitCode;

fn main() -> ExitCode {
    callsmith::app::main()
}
