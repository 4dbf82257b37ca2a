//! The `amparo` program.
fn main() -> std::process::ExitCode {
    amparo::cli::run()
}
