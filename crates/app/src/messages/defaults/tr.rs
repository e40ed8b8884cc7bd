//! Turkish.

use domain::messages::MessageKind;

pub(super) fn texts(kind: MessageKind) -> (&'static str, &'static str) {
    match kind {
        MessageKind::Invitation => (
            "Sağlık günlüğüne erişiminiz",
            "Sayın {% if name %}{{ name }}{% else %}ilgili{% endif %},

önümüzdeki günlerde sizinle iletişimde kalacağız. Lütfen bunun için erişiminizi oluşturun. Bu sayfayı açın ve doğum tarihinizi hazır bulundurun:

{{ link }}

Bağlantı bir kez kullanılabilir, geçerlilik sonu: {{ valid_until }}. Bağlantıyı başkasına vermeyin. Süresi dolduysa lütfen bizi arayın.",
        ),
        MessageKind::Reminder => (
            "Günlük kaydınız eksik",
            "Sayın {% if name %}{{ name }}{% else %}ilgili{% endif %},

şu zaman için kaydınız eksik: {{ slot }}. Lütfen tamamlayın:

{{ link }}

Kendinizi daha kötü hissediyorsanız bizi beklemeyin: bir doktoru, acil durumda acil servisi arayın.",
        ),
        MessageKind::NewContactCase => (
            "Enfekte bir kişiyle temasınız oldu",
            "Sayın {% if name %}{{ name }}{% else %}ilgili{% endif %},

bulaşıcı bir hastalıkla enfekte olan bir kişiyle temas ettiğiniz bize bildirildi. Bunun sizin için ne anlama geldiğini konuşmak üzere sizi arayacağız.

O zamana kadar lütfen mümkün olduğunca kimseyle görüşmeyin ve hastalık belirtilerine dikkat edin.",
        ),
        MessageKind::QuarantineChanged => (
            "Karantina günleriniz değişti",
            "Sayın {% if name %}{{ name }}{% else %}ilgili{% endif %},

karantinanızın yeni tarihleri: ilk gün {{ first_day }}, son gün {{ last_day }}. Her iki gün de dahildir.

Bunun yanlış olduğunu düşünüyorsanız lütfen bizi arayın.",
        ),
        MessageKind::Reset => (
            "Yeni şifre belirleme",
            "Sayın ilgili,

erişiminiz için yeni bir şifre istendi. Şifrenizi bu sayfada belirleyin:

{{ link }}

Bağlantı bir kez kullanılabilir, geçerlilik sonu: {{ valid_until }}. Bunu siz istemediyseniz bir şey yapmanıza gerek yok.",
        ),
        MessageKind::VenueRegistration => (
            "Lütfen işletmenizi onaylayın",
            "Sayın {% if name %}{{ name }}{% else %}ilgili{% endif %},

bu e-posta adresiyle misafir listeleri için bir işletme kaydedildi ({{ authority }}): {{ venue }}. Kaydı bu sayfada onaylayın:

{{ link }}

Bağlantı bir kez kullanılabilir, geçerlilik sonu: {{ valid_until }}. Kayıt yapmadıysanız bir şey yapmanıza gerek yok.{% if phone %}

Sorularınız için bizi arayın: {{ phone }}.{% endif %}",
        ),
        MessageKind::VenueInvitation => (
            "Davet: bir işletmenin misafir listeleri",
            "Sayın {% if name %}{{ name }}{% else %}ilgili{% endif %},

bu işletmenin misafir listelerinde çalışmaya davet edildiniz: {{ venue }}. Daveti bu sayfada kabul edin:

{{ link }}

Bağlantı bir kez kullanılabilir, geçerlilik sonu: {{ valid_until }}. İşletmeyi tanımıyorsanız bir şey yapmanıza gerek yok.{% if phone %}

Sorularınızı {{ authority }} yanıtlar: {{ phone }}.{% endif %}",
        ),
        MessageKind::ListRequested => (
            "Misafir listesi talebi",
            "Sayın {% if name %}{{ name }}{% else %}ilgili{% endif %},

{{ authority }} bu işletmenin misafir listesini istiyor: {{ venue }}. Hangi zaman için olduğu bu sayfada yazıyor; listeyi orada tek dokunuşla paylaşabilirsiniz:

{{ link }}

Liste ne kadar erken paylaşılırsa misafirler o kadar erken uyarılabilir. Misafir listeleri 14 gün sonra silinir.{% if phone %}

Sorularınız için bizi arayın: {{ phone }}.{% endif %}",
        ),
        MessageKind::Order => (
            "Karantina kararı",
            "Sayın {% if name %}{{ name }}{% else %}ilgili{% endif %},

sizin için karantina kararı alındı: ilk gün {{ first_day }}, son gün {{ last_day }}. Her iki gün de dahildir. Yazılı karar posta ile gelecektir.

Bu süre içinde evden çıkmayın ve ziyaretçi kabul etmeyin. Yardıma ihtiyacınız varsa bizi arayın.",
        ),
        MessageKind::Release => (
            "Karantinanız sona eriyor",
            "Sayın {% if name %}{{ name }}{% else %}ilgili{% endif %},

karantinanızın son günü: {{ last_day }}. Bu günün bitiminden sonra evden çıkabilirsiniz.

Başkalarını koruduğunuz için teşekkür ederiz.",
        ),
        MessageKind::QuarantineOrder => (
            "Karantina kararı",
            "Sayın {% if name %}{{ name }}{% else %}ilgili{% endif %},

{{ disease }} hastası olan bir kişiyle temas ettiniz. Hastalığın yayılmaması için sizin hakkınızda karantina kararı alıyoruz:

ilk gün {{ first_day }}, son gün {{ last_day }}. Her iki gün de dahildir.

Bu süre içinde:

- Evinizde kalın. Evden yalnızca bizim onayımızla veya acil bir durumda çıkın.
- Ziyaretçi kabul etmeyin. Birlikte yaşadığınız kişilerle aranıza mesafe koyun.
- Her sabah ve her akşam ateşinizi ölçün ve hastalık belirtilerine dikkat edin.
- Kendinizi hasta hissederseniz bizi hemen arayın{% if phone %}: {{ phone }}{% endif %}. Acil bir durumda acil çağrı numarasını arayın ve karantinada olduğunuzu hemen söyleyin.

Yardıma ihtiyacınız varsa, örneğin alışveriş için, yanınızdayız.",
        ),
        MessageKind::IsolationOrder => (
            "İzolasyon kararı",
            "Sayın {% if name %}{{ name }}{% else %}ilgili{% endif %},

sizde {{ disease }} tespit edildi. Kimseye bulaştırmamanız için sizin hakkınızda izolasyon kararı alıyoruz:

ilk gün {{ first_day }}, son gün {{ last_day }}. Her iki gün de dahildir.

Bu süre içinde:

- Evinizde kalın. Evden yalnızca bizim onayımızla veya acil bir durumda çıkın.
- Ziyaretçi kabul etmeyin. Olabildiğince size ait bir odada kalın.
- Hastalanmadan önceki günlerde yakın temasta bulunduğunuz herkesi bize bildirin.
- Durumunuz kötüleşirse bizi hemen arayın{% if phone %}: {{ phone }}{% endif %}. Acil bir durumda acil çağrı numarasını arayın ve izolasyonda olduğunuzu hemen söyleyin.

Yardıma ihtiyacınız varsa, örneğin alışveriş için, yanınızdayız.",
        ),
        MessageKind::QuarantineRelease => (
            "Karantinanızın sona ermesi",
            "Sayın {% if name %}{{ name }}{% else %}ilgili{% endif %},

hakkınızda karantina kararı vardı: ilk gün {{ first_day }}, son gün {{ last_day }}. Karantina {{ last_day }} gününün bitiminde sona erer. Bundan sonra evinizden çıkabilir ve ziyaretçi kabul edebilirsiniz.

Önümüzdeki günlerde hastalık belirtileri fark ederseniz evde kalın ve bizi arayın{% if phone %}: {{ phone }}{% endif %}.

Belge istenen yerlerde bu yazıyı gösterebilirsiniz. Başkalarını koruduğunuz için teşekkür ederiz.",
        ),
        MessageKind::IsolationRelease => (
            "İzolasyonunuzun sona ermesi",
            "Sayın {% if name %}{{ name }}{% else %}ilgili{% endif %},

hakkınızda izolasyon kararı vardı: ilk gün {{ first_day }}, son gün {{ last_day }}. İzolasyon {{ last_day }} gününün bitiminde sona erer. Bundan sonra evinizden çıkabilir ve ziyaretçi kabul edebilirsiniz.

Durumunuz yeniden kötüleşirse bizi arayın{% if phone %}: {{ phone }}{% endif %}.

Belge istenen yerlerde bu yazıyı gösterebilirsiniz. Başkalarını koruduğunuz için teşekkür ederiz.",
        ),
        MessageKind::Test => (
            "Giden posta denemesi",
            "Bu posta bir denemedir. Okuyabiliyorsanız bu kurulumdan gönderilen posta ulaşıyor demektir.",
        ),
    }
}
