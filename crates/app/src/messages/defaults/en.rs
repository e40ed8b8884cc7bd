//! English.

use domain::messages::MessageKind;

pub(super) fn texts(kind: MessageKind) -> (&'static str, &'static str) {
    match kind {
        MessageKind::Invitation => (
            "Your access to the health diary",
            "Dear {% if name %}{{ name }}{% else %}Sir or Madam{% endif %},

we will keep in touch with you over the next days. Please set up your access for this. Open this page and have your date of birth at hand:

{{ link }}

The link works once, until {{ valid_until }}. Do not pass it on. If it has expired, please call us.",
        ),
        MessageKind::Reminder => (
            "Your diary entry is missing",
            "Dear {% if name %}{{ name }}{% else %}Sir or Madam{% endif %},

we have no entry from you for {{ slot }}. Please add it:

{{ link }}

If you feel worse, do not wait for us: call a doctor, or the emergency services if it is urgent.",
        ),
        MessageKind::NewContactCase => (
            "You met a person who is infected",
            "Dear {% if name %}{{ name }}{% else %}Sir or Madam{% endif %},

we were told that you met a person who is infected with a contagious disease. We will call you to talk about what this means for you.

Until then, please avoid meeting others as far as you can, and watch out for signs of illness.",
        ),
        MessageKind::QuarantineChanged => (
            "The days of your stay at home have changed",
            "Dear {% if name %}{{ name }}{% else %}Sir or Madam{% endif %},

you are now to stay at home from {{ first_day }} to {{ last_day }}. Both days are included.

If you think that this is wrong, please call us.",
        ),
        MessageKind::Reset => (
            "Set a new password",
            "Dear Sir or Madam,

a new password was asked for. Set it on this page:

{{ link }}

The link works once, until {{ valid_until }}. If you did not ask for it, you need not do anything.",
        ),
        MessageKind::VenueRegistration => (
            "Please confirm your venue",
            "Dear {% if name %}{{ name }}{% else %}Sir or Madam{% endif %},

a venue was registered for guest lists at {{ authority }} with this e-mail address: {{ venue }}. Confirm it on this page:

{{ link }}

The link works once, until {{ valid_until }}. If you did not register anything, you need not do anything.{% if phone %}

Questions? Call us: {{ phone }}.{% endif %}",
        ),
        MessageKind::VenueInvitation => (
            "Invitation: guest lists of a venue",
            "Dear {% if name %}{{ name }}{% else %}Sir or Madam{% endif %},

you were invited to help with the guest lists of this venue: {{ venue }}. Accept the invitation on this page:

{{ link }}

The link works once, until {{ valid_until }}. If you do not know the venue, you need not do anything.{% if phone %}

{{ authority }} answers questions: {{ phone }}.{% endif %}",
        ),
        MessageKind::ListRequested => (
            "Request for a guest list",
            "Dear {% if name %}{{ name }}{% else %}Sir or Madam{% endif %},

{{ authority }} asks for the guest list of this venue: {{ venue }}. For which time stands on this page, where you release the list with one tap:

{{ link }}

The sooner the list is released, the sooner guests can be warned. Guest lists are deleted after 14 days.{% if phone %}

Questions? Call us: {{ phone }}.{% endif %}",
        ),
        MessageKind::Order => (
            "Order to stay at home",
            "Dear {% if name %}{{ name }}{% else %}Sir or Madam{% endif %},

you have been ordered to stay at home from {{ first_day }} to {{ last_day }}. Both days are included. The written order comes by post.

Do not leave your home during this time and receive no visitors. If you need help, please call us.",
        ),
        MessageKind::Release => (
            "Your stay at home ends",
            "Dear {% if name %}{{ name }}{% else %}Sir or Madam{% endif %},

your stay at home ends at the end of {{ last_day }}. After that you may leave your home again.

Thank you for having protected others.",
        ),
        MessageKind::QuarantineOrder => (
            "Order of quarantine",
            "Dear {% if name %}{{ name }}{% else %}Sir or Madam{% endif %},

you had contact with a person who is ill with {{ disease }}. To keep the disease from spreading, we order for you:

quarantine from {{ first_day }} to {{ last_day }}. Both days are included.

During this time:

- Stay in your home. Leave it only with our consent, or in an emergency.
- Receive no visitors. Keep your distance from the people you live with.
- Take your temperature each morning and evening, and watch for signs of illness.
- Call us at once if you feel ill{% if phone %}: {{ phone }}{% endif %}. In an emergency call the emergency number and say at once that you are in quarantine.

If you need help, for example with shopping, we are there for you.",
        ),
        MessageKind::IsolationOrder => (
            "Order of isolation",
            "Dear {% if name %}{{ name }}{% else %}Sir or Madam{% endif %},

you have been found to have {{ disease }}. So that you infect nobody, we order for you:

isolation from {{ first_day }} to {{ last_day }}. Both days are included.

During this time:

- Stay in your home. Leave it only with our consent, or in an emergency.
- Receive no visitors. Stay in a room of your own as far as you can.
- Tell us about everybody you were close to in the days before you fell ill.
- Call us at once if you feel worse{% if phone %}: {{ phone }}{% endif %}. In an emergency call the emergency number and say at once that you are in isolation.

If you need help, for example with shopping, we are there for you.",
        ),
        MessageKind::QuarantineRelease => (
            "End of your quarantine",
            "Dear {% if name %}{{ name }}{% else %}Sir or Madam{% endif %},

you were ordered to stay in quarantine from {{ first_day }} to {{ last_day }}. It ends at the end of {{ last_day }}. After that you may leave your home again and receive visitors.

If you notice signs of illness in the next days, stay at home and call us{% if phone %}: {{ phone }}{% endif %}.

You may show this letter wherever proof is asked for. Thank you for having protected others.",
        ),
        MessageKind::IsolationRelease => (
            "End of your isolation",
            "Dear {% if name %}{{ name }}{% else %}Sir or Madam{% endif %},

you were ordered to stay in isolation from {{ first_day }} to {{ last_day }}. It ends at the end of {{ last_day }}. After that you may leave your home again and receive visitors.

If you feel worse again, call us{% if phone %}: {{ phone }}{% endif %}.

You may show this letter wherever proof is asked for. Thank you for having protected others.",
        ),
        MessageKind::Test => (
            "Test of outgoing mail",
            "This mail is a test. If you can read it, mail from this installation arrives.",
        ),
    }
}
