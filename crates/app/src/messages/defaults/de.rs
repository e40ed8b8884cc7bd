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
        MessageKind::VenueRegistration => (
            "Bitte bestätigen Sie Ihren Betrieb",
            "Guten Tag{% if name %} {{ name }}{% endif %},

mit dieser E-Mail-Adresse wurde bei {{ authority }} ein Betrieb für Gästelisten angemeldet: {{ venue }}. Bestätigen Sie das auf dieser Seite:

{{ link }}

Der Link gilt einmal, bis {{ valid_until }}. Wenn Sie nichts angemeldet haben, brauchen Sie nichts zu tun.{% if phone %}

Fragen? Rufen Sie uns an: {{ phone }}.{% endif %}",
        ),
        MessageKind::VenueInvitation => (
            "Einladung: Gästelisten eines Betriebs",
            "Guten Tag{% if name %} {{ name }}{% endif %},

Sie wurden eingeladen, bei den Gästelisten dieses Betriebs mitzuarbeiten: {{ venue }}. Nehmen Sie die Einladung auf dieser Seite an:

{{ link }}

Der Link gilt einmal, bis {{ valid_until }}. Wenn Sie den Betrieb nicht kennen, brauchen Sie nichts zu tun.{% if phone %}

Fragen zum Verfahren beantwortet {{ authority }}: {{ phone }}.{% endif %}",
        ),
        MessageKind::ListRequested => (
            "Anfrage nach einer Gästeliste",
            "Guten Tag{% if name %} {{ name }}{% endif %},

{{ authority }} fragt nach der Gästeliste dieses Betriebs: {{ venue }}. Für welche Zeit, steht auf dieser Seite; dort geben Sie die Liste mit einem Tipp frei:

{{ link }}

Je früher die Liste freigegeben wird, desto eher können Gäste gewarnt werden. Nach 14 Tagen werden Gästelisten gelöscht.{% if phone %}

Fragen? Rufen Sie uns an: {{ phone }}.{% endif %}",
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
        MessageKind::QuarantineOrder => (
            "Anordnung der Quarantäne",
            "Guten Tag{% if name %} {{ name }}{% endif %},

Sie hatten Kontakt zu einer Person, die an {{ disease }} erkrankt ist. Damit sich die Krankheit nicht weiter verbreitet, ordnen wir für Sie an:

Quarantäne vom {{ first_day }} bis zum {{ last_day }}. Beide Tage gehören dazu.

In dieser Zeit gilt für Sie:

- Bleiben Sie in Ihrer Wohnung. Verlassen Sie sie nur mit unserer Zustimmung oder in einem Notfall.
- Empfangen Sie keinen Besuch. Halten Sie Abstand zu den Menschen, mit denen Sie zusammenwohnen.
- Messen Sie morgens und abends Ihre Temperatur und achten Sie auf Anzeichen einer Krankheit.
- Rufen Sie uns sofort an, wenn Sie sich krank fühlen{% if phone %}: {{ phone }}{% endif %}. In einem Notfall wählen Sie den Notruf und sagen gleich, dass Sie in Quarantäne sind.

Wenn Sie Hilfe brauchen, etwa beim Einkaufen, sind wir für Sie da.",
        ),
        MessageKind::IsolationOrder => (
            "Anordnung der Isolierung",
            "Guten Tag{% if name %} {{ name }}{% endif %},

bei Ihnen wurde {{ disease }} festgestellt. Damit Sie niemanden anstecken, ordnen wir für Sie an:

Isolierung vom {{ first_day }} bis zum {{ last_day }}. Beide Tage gehören dazu.

In dieser Zeit gilt für Sie:

- Bleiben Sie in Ihrer Wohnung. Verlassen Sie sie nur mit unserer Zustimmung oder in einem Notfall.
- Empfangen Sie keinen Besuch. Halten Sie sich, so gut es geht, in einem eigenen Zimmer auf.
- Nennen Sie uns alle, denen Sie in den Tagen vor Ihrer Erkrankung nahe gekommen sind.
- Rufen Sie uns sofort an, wenn es Ihnen schlechter geht{% if phone %}: {{ phone }}{% endif %}. In einem Notfall wählen Sie den Notruf und sagen gleich, dass Sie in Isolierung sind.

Wenn Sie Hilfe brauchen, etwa beim Einkaufen, sind wir für Sie da.",
        ),
        MessageKind::QuarantineRelease => (
            "Ende Ihrer Quarantäne",
            "Guten Tag{% if name %} {{ name }}{% endif %},

für Sie war vom {{ first_day }} bis zum {{ last_day }} Quarantäne angeordnet. Sie endet mit Ablauf des {{ last_day }}. Danach dürfen Sie Ihre Wohnung wieder verlassen und Besuch empfangen.

Wenn Sie in den nächsten Tagen Anzeichen einer Krankheit bemerken, bleiben Sie zu Hause und rufen Sie uns an{% if phone %}: {{ phone }}{% endif %}.

Dieses Schreiben können Sie vorlegen, wo ein Nachweis verlangt wird. Wir danken Ihnen, dass Sie andere geschützt haben.",
        ),
        MessageKind::IsolationRelease => (
            "Ende Ihrer Isolierung",
            "Guten Tag{% if name %} {{ name }}{% endif %},

für Sie war vom {{ first_day }} bis zum {{ last_day }} Isolierung angeordnet. Sie endet mit Ablauf des {{ last_day }}. Danach dürfen Sie Ihre Wohnung wieder verlassen und Besuch empfangen.

Wenn es Ihnen wieder schlechter geht, rufen Sie uns an{% if phone %}: {{ phone }}{% endif %}.

Dieses Schreiben können Sie vorlegen, wo ein Nachweis verlangt wird. Wir danken Ihnen, dass Sie andere geschützt haben.",
        ),
        MessageKind::Test => (
            "Probe des Mailversands",
            "Diese Mail ist eine Probe. Wenn Sie sie lesen, kommt Post von dieser Installation an.",
        ),
    }
}
