//! The real server's source, with the line lit that each thread is at.

use std::rc::Rc;

use scheduler_model::Model;
use web_sys::HtmlElement;
use yew::prelude::*;

use crate::app::use_look;
use crate::browser;
use crate::code::{File, Source, regions};
use crate::messages::Messages;
use crate::session::Session;
use crate::views::RunName;
use crate::views::code::{Block, CodeLine, Who, blocks};

/// What to show.
#[derive(PartialEq, Properties)]
pub(crate) struct CodePanelProps {
    /// The page's state.
    pub(crate) session: Rc<Session>,
}

/// Shows the code of one of the models, once it is asked for.
#[component]
pub(crate) fn CodePanel(CodePanelProps { session }: &CodePanelProps) -> Html {
    let m = use_look().messages();
    let is_open = use_state(|| false);
    let chosen = use_state(|| None::<RunName>);
    let shown = use_node_ref();
    let runs: Vec<_> = session.player().runs().iter().map(|run| RunName::of(run)).collect();
    let row = runs.iter().position(|&run| Some(run) == *chosen).unwrap_or(runs.len() - 1);
    let model = runs[row].model;
    let sources = use_sources(is_open.then_some(model));
    let source = |file| sources.iter().find(|(known, _)| *known == file)?.1.clone();
    let blocks = if *is_open { blocks(session.player(), row, source) } else { Vec::new() };
    let wanted = regions(model).len();
    use_effect_with((session.player().cursor(), blocks.len()), {
        let shown = shown.clone();
        move |_| show_lit(&shown)
    });
    let on_toggle = {
        let is_open = is_open.clone();
        Callback::from(move |_: MouseEvent| is_open.set(!*is_open))
    };
    let note = if sources.iter().any(|(_, source)| source.is_none()) {
        m.code_missing
    } else {
        m.code_coming
    };
    let (server, threads): (Vec<_>, Vec<_>) = blocks
        .iter()
        .partition(|block| matches!(block.region.file, File::Decisions | File::Poller));
    let spoken = if session.is_playing() { String::new() } else { spoken(m, &blocks) };
    html! {
        <section class="code panel" aria-label={m.code}>
            <header class="code__head">
                <h2 class="code__title">
                    <button type="button" class="code__toggle" aria-expanded={is_open.to_string()} onclick={on_toggle}>{ m.code }</button>
                </h2>
                if *is_open {
                    <p key="hint" class="code__hint">{ m.code_hint }</p>
                    if runs.len() > 1 {
                        <div key="models" class="code__models" role="group" aria-label={m.models}>
                            for &one in &runs {
                                <button key={m.run_name(one)} type="button" class="button button--small" aria-pressed={(one == runs[row]).to_string()}
                                    onclick={let chosen = chosen.clone(); move |_| chosen.set(Some(one))}>{ m.run_name(one) }</button>
                            }
                        </div>
                    }
                }
            </header>
            if *is_open && blocks.len() < wanted {
                <p key="note" class="code__note" role="status">{ note }</p>
            } else if *is_open {
                <div key="columns" class="code__columns" ref={shown}>
                    { column(m, m.code_server, &server) }
                    { column(m, (m.threads)(model), &threads) }
                </div>
            }
            <p class="visually-hidden" role="status">{ spoken }</p>
        </section>
    }
}

fn column(m: &Messages, title: &'static str, blocks: &[&Block]) -> Html {
    html! {
        <div class="code__column" role="region" aria-label={title} tabindex="0">
            for block in blocks {
                <section key={block.region.name} class="code__block">
                    <h3 class="code__file">{ block.region.file.name() }</h3>
                    <ol class="code__lines">
                        for line in &block.lines {
                            { code_line(m, line) }
                        }
                    </ol>
                </section>
            }
        </div>
    }
}

fn code_line(m: &Messages, line: &CodeLine) -> Html {
    let is_lit = !line.who.is_empty();
    let is_comment = line.text.trim_start().starts_with("//");
    let class = classes!(
        "code__line",
        is_lit.then_some("code__line--lit"),
        is_comment.then_some("code__line--comment")
    );
    html! {
        <li key={line.number} {class} aria-current={is_lit.then_some("true")}>
            <span class="code__number" aria-hidden="true">{ line.number }</span>
            <code class="code__text">{ line.text.clone() }</code>
            if is_lit {
                <span key="who" class="code__who">{ who(m, &line.who) }</span>
            }
        </li>
    }
}

fn who(m: &Messages, who: &[Who]) -> String {
    let names = who.iter().map(|who| match *who {
        Who::Decision => m.code_decided.to_owned(),
        Who::Poller => m.code_acceptor.to_owned(),
        Who::Thread(name) => name.to_string(),
        Who::OnTimers(n) => (m.code_timers)(n),
        Who::More(n) => format!("+{}", m.count(n)),
    });
    names.collect::<Vec<_>>().join(" ")
}

/// What a screen reader is told while it stands still: who is at which line.
fn spoken(m: &Messages, blocks: &[Block]) -> String {
    let lit = blocks.iter().flat_map(|block| {
        let lines = block.lines.iter().filter(|line| !line.who.is_empty());
        lines.map(|line| {
            let file = block.region.file.name();
            format!("{}: {file} {}: {}", who(m, &line.who), line.number, line.text.trim())
        })
    });
    lit.collect::<Vec<_>>().join("; ")
}

/// Scrolls each column, and not the page, to a line that is lit.
fn show_lit(columns: &NodeRef) {
    let Some(columns) = columns.cast::<HtmlElement>() else { return };
    for column in browser::all_in(&columns, ".code__column") {
        let lit = browser::all_in(&column, ".code__line--lit");
        let (top, height) = (column.scroll_top(), column.client_height());
        let place = |line: &HtmlElement| line.offset_top() - column.offset_top();
        let is_seen = |line: &HtmlElement| (top..top + height - 30).contains(&place(line));
        if let Some(first) = lit.first().filter(|_| !lit.iter().any(is_seen)) {
            column.set_scroll_top(place(first) - height / 3);
        }
    }
}

/// The sources of a model, each fetched once; none for one that cannot be had.
#[hook]
fn use_sources(model: Option<Model>) -> Vec<(File, Option<Rc<Source>>)> {
    let known = use_state(Vec::new);
    let asked = use_mut_ref(Vec::new);
    let latest = use_mut_ref(Vec::new);
    use_effect_with(model, {
        let known = known.clone();
        move |&model| {
            let files = model.map_or(&[][..], regions).iter().map(|region| region.file);
            for file in files {
                if asked.borrow().contains(&file) {
                    continue;
                }
                asked.borrow_mut().push(file);
                let (known, latest) = (known.clone(), latest.clone());
                browser::fetch(
                    file.name(),
                    Callback::from(move |text: Option<String>| {
                        latest.borrow_mut().push((file, text.map(Source::new).map(Rc::new)));
                        known.set(latest.borrow().clone());
                    }),
                );
            }
        }
    });
    (*known).clone()
}
