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
        MessageKind::Test => (
            "Giden posta denemesi",
            "Bu posta bir denemedir. Okuyabiliyorsanız bu kurulumdan gönderilen posta ulaşıyor demektir.",
        ),
    }
}
