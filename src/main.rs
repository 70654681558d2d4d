//! The `tovholder` command: parse, run, exit code.

fn main() -> std::process::ExitCode {
    tovholder::cli::main()
}
