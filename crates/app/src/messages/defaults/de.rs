//! German.

use domain::messages::MessageKind;

pub(super) fn texts(kind: MessageKind) -> (&'static str, &'static str) {
    match kind {
        MessageKind::Invitation => (
            "Ihr Zugang zum Gesundheitstagebuch",
            "Guten Tag{% if name %} {{ name }}{% endif %},

wir begleiten Sie in den nächsten Tagen. Bitte richten Sie dafür Ihren Zugang ein. Öffnen Sie diese Seite und halten Sie Ihr Geburtsdatum bereit:

{{ link }}

Der Link gilt einmal, bis {{ valid_until }}. Geben Sie ihn nicht weiter. Wenn er abgelaufen ist, rufen Sie uns an.",
        ),
        MessageKind::Reminder => (
            "Ihr Tagebucheintrag fehlt",
            "Guten Tag{% if name %} {{ name }}{% endif %},

uns fehlt Ihr Eintrag für {{ slot }}. Bitte holen Sie ihn nach:

{{ link }}

Wenn es Ihnen schlechter geht, warten Sie nicht auf uns, sondern rufen Sie einen Arzt oder im Notfall den Rettungsdienst.",
        ),
        MessageKind::NewContactCase => (
            "Sie hatten Kontakt zu einer infizierten Person",
            "Guten Tag{% if name %} {{ name }}{% endif %},

uns wurde mitgeteilt, dass Sie Kontakt zu einer Person hatten, die mit einer ansteckenden Krankheit infiziert ist. Wir rufen Sie an und besprechen mit Ihnen, was das für Sie bedeutet.

Bitte meiden Sie bis dahin Begegnungen, soweit es geht, und achten Sie darauf, ob Sie krank werden.",
        ),
        MessageKind::QuarantineChanged => (
            "Die Dauer Ihrer Absonderung hat sich geändert",
            "Guten Tag{% if name %} {{ name }}{% endif %},

Ihre Absonderung dauert jetzt vom {{ first_day }} bis zum {{ last_day }}. Beide Tage gehören dazu.

Wenn Sie meinen, dass das nicht stimmt, rufen Sie uns bitte an.",
        ),
        MessageKind::Reset => (
            "Neues Kennwort setzen",
            "Guten Tag,

für Ihren Zugang wurde ein neues Kennwort angefordert. Setzen Sie es auf dieser Seite:

{{ link }}

Der Link gilt einmal, bis {{ valid_until }}. Wenn Sie nichts angefordert haben, brauchen Sie nichts zu tun.",
        ),
        MessageKind::Order => (
            "Anordnung der Absonderung",
            "Guten Tag{% if name %} {{ name }}{% endif %},

für Sie wurde eine Absonderung vom {{ first_day }} bis zum {{ last_day }} angeordnet. Beide Tage gehören dazu. Den Bescheid bekommen Sie mit der Post.

Bleiben Sie in dieser Zeit zu Hause und empfangen Sie keinen Besuch. Wenn Sie Hilfe brauchen, rufen Sie uns an.",
        ),
        MessageKind::Release => (
            "Ihre Absonderung endet",
            "Guten Tag{% if name %} {{ name }}{% endif %},

Ihre Absonderung endet mit dem Ablauf des {{ last_day }}. Danach dürfen Sie das Haus wieder verlassen.

Wir danken Ihnen, dass Sie andere geschützt haben.",
        ),
        MessageKind::Test => (
            "Probe des Mailversands",
            "Diese Mail ist eine Probe. Wenn Sie sie lesen, kommt Post von dieser Installation an.",
        ),
    }
}
