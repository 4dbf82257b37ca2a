//! The letters. Fixed texts: no number, no name, no link; in all languages at once, so that the letter tells nothing of its reader.

/// A letter, word for word.
pub struct Letter {
    /// Subject.
    pub subject: &'static str,
    /// Body.
    pub body: &'static str,
}

/// At fixed hours, to every member's address.
pub const HOURLY_LETTER: Letter = Letter {
    subject: "Recordatorio / Lembrete / Reminder",
    body: "Es hora de abrir su programa y sincronizar. Este aviso llega siempre a las mismas horas, haya o no algo nuevo.\n\n\
        É hora de abrir o seu programa e sincronizar. Este aviso chega sempre às mesmas horas, haja ou não algo novo.\n\n\
        It is time to open your program and sync. This letter always comes at the same hours, whether there is something new or not.\n",
};

/// When someone may be in danger, and once a day at a random quarter of an hour, to every duty address.
pub const DUTY_LETTER: Letter = Letter {
    subject: "Guardia / Plantão / Duty",
    body: "Abra su programa ahora y sincronice. Este aviso llega también sin motivo, una vez al día.\n\n\
        Abra o seu programa agora e sincronize. Este aviso também chega sem motivo, uma vez por dia.\n\n\
        Open your program now and sync. This letter also comes without a reason, once a day.\n",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_holds_no_number_no_link_and_no_address() {
        for letter in [&HOURLY_LETTER, &DUTY_LETTER] {
            for text in [letter.subject, letter.body] {
                assert!(!text.chars().any(|c| c.is_ascii_digit()));
                assert!(!text.contains("://") && !text.contains('@') && !text.contains("www"));
            }
        }
    }
}
