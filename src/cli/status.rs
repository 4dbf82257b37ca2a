//! `amparo status`

use super::reporter::{Service, keys_from_words};
use super::{Done, files};
use crate::caselog::StatusWord;
use crate::client::{ReporterLink, Status};
use crate::words::Language;
use serde_json::json;

#[derive(clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    service: Service,
    /// As JSON: {status, replies: [{number, text}]}
    #[arg(long)]
    json: bool,
    /// Language of the words, if they fit more than one
    #[arg(long)]
    lang: Option<Language>,
    /// Destroy the mailbox: the words open nothing any more. The case stays with the offices
    #[arg(long)]
    destroy: bool,
}

pub(super) fn run(args: &Args) -> Done {
    let line = args.service.connect()?;
    let (receipt, keys) = keys_from_words(&line.pinned, args.lang)?;
    let link = ReporterLink { http: &line.http, deployment: &line.pinned, keys: &keys };
    if args.destroy {
        return Ok(link.destroy()?);
    }
    let status = link.status(line.gate_keys())?;
    if args.json { files::say(as_json(&status)) } else { say_plainly(&status, receipt.language()) }
}

fn as_json(status: &Status) -> String {
    let replies: Vec<_> = status.replies.iter().map(|r| json!({"number": r.number, "text": r.text})).collect();
    json!({"status": status.word, "replies": replies}).to_string()
}

fn say_plainly(status: &Status, language: Language) -> Done {
    files::say(in_words(status.word, language))?;
    for reply in &status.replies {
        let unchecked = match language {
            Language::Es => "(un mensaje que no se pudo comprobar)",
            Language::Pt => "(uma mensagem que não pôde ser verificada)",
            Language::En => "(a message that could not be checked)",
        };
        files::say(format!("\n[{}] {}", reply.number, reply.text.as_deref().unwrap_or(unchecked).trim_end()))?;
    }
    Ok(())
}

/// The reporter's texts of a status: few and coarse (docs/reference/statuses.md).
fn in_words(word: StatusWord, language: Language) -> &'static str {
    let [es, pt, en] = match word {
        StatusWord::Received => ["Su mensaje llegó.", "Sua mensagem chegou.", "Your message arrived."],
        StatusWord::Read => ["Alguien lo leyó.", "Alguém leu.", "Someone has read it."],
        StatusWord::Question => [
            "Hay una pregunta para usted. No está obligada(o) a responder.",
            "Há uma pergunta para você. Não precisa responder.",
            "There is a question for you. You do not have to answer.",
        ],
        StatusWord::Team => [
            "Está con un equipo especializado. Para proteger a las personas no damos detalles aquí.",
            "Está com uma equipe especializada. Para proteger as pessoas não damos detalhes aqui.",
            "It is with a specialised team. To protect people we do not give details here.",
        ],
        StatusWord::Paused => [
            "Por ahora no podemos avanzar con esto. No significa que no le creamos. Puede agregar algo cuando quiera.",
            "Por enquanto não podemos avançar. Não significa que não acreditamos em você. Pode acrescentar algo quando quiser.",
            "For now we cannot go further with this. It does not mean we do not believe you. You can add something at any time.",
        ],
        StatusWord::Ended => [
            "El trabajo sobre esto terminó. Gracias. Puede preguntarnos aquí qué es público.",
            "O trabalho sobre isto terminou. Obrigado. Pode perguntar aqui o que é público.",
            "The work on this has ended. Thank you. You can ask us here what is public.",
        ],
        StatusWord::Care => [
            "Primero el apoyo. Nada más avanza si usted no lo dice, salvo cuando la ley obliga a proteger a una niña o un niño.",
            "Primeiro o apoio. Nada mais avança se você não disser, salvo quando a lei obriga a proteger uma criança.",
            "Support comes first. Nothing else moves unless you say so, except where the law obliges to protect a child.",
        ],
    };
    match language {
        Language::Es => es,
        Language::Pt => pt,
        Language::En => en,
    }
}
