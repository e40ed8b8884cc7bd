//! What may be typed about the rules of an authority.

use super::disease;
use clap::{Args, Subcommand};

/// The rules.
#[derive(Debug, Subcommand)]
pub enum Rules {
    /// List the versions, newest first; 0 is the built-in one
    #[command(after_help = "Example:\n  epitrace rules list --disease measles")]
    List(RulesOf),
    /// Show the rules of today, of a day, or of a version, each number with its source
    #[command(after_help = "Examples:\n  epitrace rules show --on 2020-03-01\n  epitrace rules show 0 --disease mpox")]
    Show {
        /// Of which disease
        #[command(flatten)]
        of: RulesOf,
        /// Number of a version [default: the one that holds]
        version: Option<i32>,
        /// The version that holds on this day
        #[arg(long, value_name = "DAY", conflicts_with = "version")]
        on: Option<String>,
        /// Only what differs from this version
        #[arg(long, value_name = "VERSION")]
        against: Option<i32>,
    },
    /// Make a new version, with all that isn't named taken over from what holds on its first day
    #[command(
        after_help = "Settings: days_before_onset days_after_onset incubation_max_days isolation_days quarantine_days \
        follow_up_days same_infection_days contact_temperature_c index_temperature_c close_contact room_safe_after_min \
        closeness_near closeness_middle closeness_far closeness_unknown_distance closeness_same_area closeness_airing \
        invite_contacts ask_contacts_of_contacts reminders lists_at_once\n\nNothing is changed: the newest version that holds on a \
        day counts.\n\nExamples:\n  \
        epitrace rules set --disease covid-19 --from today --set days_before_onset=3 --set reminders=no\n  \
        epitrace rules set --disease measles --from today --set follow_up_days=18 --preview"
    )]
    Set {
        /// Of which disease
        #[command(flatten)]
        of: RulesOf,
        /// First day: 2026-05-31, today, or always
        #[arg(long, value_name = "DAY")]
        from: String,
        /// Last day [default: until further notice]
        #[arg(long, value_name = "DAY")]
        until: Option<String>,
        /// A setting; may be given several times
        #[arg(long, value_name = "KEY=VALUE")]
        set: Vec<String>,
        /// Let it begin in the past: decisions made before stay explained by the version that they used
        #[arg(long)]
        past_decisions_stay: bool,
        /// Only say what would change
        #[arg(long)]
        preview: bool,
    },
    /// End a version early: what would hold without it is made a newer version
    End {
        /// Of which disease
        #[command(flatten)]
        of: RulesOf,
        /// Number of the version
        version: i32,
        /// Its last day
        #[arg(long, value_name = "DAY")]
        last: String,
        /// Let it end in the past: decisions made before stay explained by the version that they used
        #[arg(long)]
        past_decisions_stay: bool,
    },
}

/// Whose rules.
#[derive(Debug, Args)]
pub struct RulesOf {
    /// Disease [default: the authority's]
    #[arg(long, value_name = "NAME", value_parser = disease)]
    pub disease: Option<domain::diseases::Disease>,
}
