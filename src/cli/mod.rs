//! The command line: one file a subcommand.

mod attachments;
mod authority;
mod demo;
mod desk;
mod directory;
mod failure;
mod files;
mod follow_up;
mod key;
mod open;
mod report;
mod reporter;
mod serve;
mod service;
mod status;

use self::failure::{Failure, complain};
use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Anonymous, end-to-end encrypted reports of the corruption that makes trafficking in persons possible.
#[derive(Parser)]
#[command(name = "amparo", version, disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Try all of it on this machine: an authority, four offices, a server
    Demo(demo::Args),
    /// Run the server
    Serve(serve::Args),
    /// Send a report; prints the eight words, and nothing else
    Report(report::Args),
    /// Read status and replies; the words come from standard input
    Status(status::Args),
    /// Add to a report; the words come from standard input
    FollowUp(follow_up::Args),
    /// A member's desk: its screen, or one verb
    Desk(desk::Args),
    /// Open an exported case on a machine without a network
    Open(open::Args),
    /// The authority's keys
    Authority(authority::Args),
    /// A member's keys
    Key(key::Args),
    /// The directory: who can receive reports
    Directory(directory::Args),
}

/// Runs the program. Exit 0: done; 1: no; 2: could not.
pub fn run() -> ExitCode {
    let done = match Cli::parse().verb {
        Verb::Demo(args) => demo::run(&args),
        Verb::Serve(args) => serve::run(&args),
        Verb::Report(args) => report::run(&args),
        Verb::Status(args) => status::run(&args),
        Verb::FollowUp(args) => follow_up::run(&args),
        Verb::Desk(args) => desk::run(&args),
        Verb::Open(args) => open::run(&args),
        Verb::Authority(args) => authority::run(&args),
        Verb::Key(args) => key::run(&args),
        Verb::Directory(args) => directory::run(&args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => complain(&failure),
    }
}

/// The result of a subcommand.
type Done = Result<(), Failure>;
