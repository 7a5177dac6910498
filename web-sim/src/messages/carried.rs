//! What makes a language: the struct of all texts, and how a language that is fetched is carried
//! into it.
//!
//! English is part of the page. Any other language is a program of its own ([`crate::parts`]):
//! plain texts come over at once, and what has to be made is asked for one by one, with its
//! arguments as bytes. Whoever writes a language writes the same [`Messages`] either way, and
//! whoever uses one does not see a difference.

use std::cell::RefCell;

use scheduler_model::scenario::OnFull;
use scheduler_model::wire::{Put, Take};
use scheduler_model::{Model, Outcome, RequestId, WorkerState};

use super::{Legend, Messages};
use crate::number::NumberFormat;
use crate::scenarios::Shipped;
use crate::session::Cause;
use crate::views::RunName;
use crate::views::stage::Acceptor;
use crate::views::timeline::TrackName;

/// Declares [`Messages`] by the names of its texts, and of those that are made of something with
/// what that is.
macro_rules! messages {
    (
        texts { $($text:ident,)* }
        made { $($made:ident($($of:ident: $type:ty),*) -> $said:ty;)* }
    ) => {
        /// All texts in one language.
        pub(crate) struct Messages {
            pub(crate) numbers: $crate::number::NumberFormat,
            pub(crate) intro: [&'static str; 3],
            pub(crate) key_list: [(&'static str, &'static str); 13],
            $(pub(crate) $text: &'static str,)*
            $(pub(crate) $made: fn($($type),*) -> $said,)*
        }

        /// The texts that are made, by number.
        #[expect(non_camel_case_types, reason = "they are called as their fields")]
        #[derive(Clone, Copy)]
        enum Made {
            $($made),*
        }

        /// How many plain texts with a name there are.
        const N_TEXTS: usize = [$(stringify!($text)),*].len();

        impl Messages {
            /// Every plain text with a name, in the order in which they are declared.
            fn texts(&self) -> impl Iterator<Item = &'static str> + use<> {
                [$(self.$text),*].into_iter()
            }

            /// A language of which these are the plain texts, in the order of [`Messages::texts`].
            fn of(
                numbers: $crate::number::NumberFormat,
                intro: [&'static str; 3],
                key_list: [(&'static str, &'static str); 13],
                [$($text),*]: [&'static str; N_TEXTS],
            ) -> Self {
                // Each asks whoever speaks at present.
                $(fn $made($($of: $type),*) -> $said {
                    $crate::messages::carried::ask(Made::$made as u8, |_out| {
                        $(scheduler_model::wire::Put::put(&$of, _out);)*
                    })
                })*
                Self { numbers, intro, key_list, $($text,)* $($made,)* }
            }

            /// Makes the text with this number of the arguments that follow.
            fn make(&self, number: u8, from: &mut &[u8]) -> Option<String> {
                $(if number == Made::$made as u8 {
                    $(let $of = scheduler_model::wire::Take::take(from)?;)*
                    let text = (self.$made)(
                        $($crate::messages::carried::Argument::lent(&$of)),*
                    );
                    return Some(text.into());
                })*
                None
            }
        }
    };
}
pub(super) use messages;

/// What a language is asked for.
enum Asked {
    /// All plain texts.
    Texts,
    /// One that is made; what of follows.
    Made { number: u8 },
}

scheduler_model::wire!(enum Asked { 0 Texts, 1 Made { number } });

/// An argument of a text, and what is held of it where the text is made.
pub(super) trait Argument<'a> {
    type Held: Take + 'a;

    fn lent(held: &'a Self::Held) -> Self;
}

impl<'a, T: Take + 'a> Argument<'a> for &'a T {
    type Held = T;

    fn lent(held: &'a T) -> Self {
        held
    }
}

impl<'a> Argument<'a> for &'a str {
    type Held = String;

    fn lent(held: &'a String) -> Self {
        held
    }
}

impl<'a, T: Take + 'a> Argument<'a> for &'a [T] {
    type Held = Vec<T>;

    fn lent(held: &'a Vec<T>) -> Self {
        held
    }
}

/// Arguments that are passed as they are.
macro_rules! copied {
    ($($name:ty),*) => {$(
        impl Argument<'_> for $name {
            type Held = Self;

            fn lent(held: &Self) -> Self {
                *held
            }
        }
    )*};
}

copied!(u32, u64, usize, f64, Option<u64>, Option<Outcome>, RequestId, Model, OnFull, Outcome);
copied!(WorkerState, Acceptor, Cause, Legend, RunName, Shipped, TrackName);

/// A text that came from another part, in the two forms that [`Messages`] has.
pub(super) trait Said {
    fn said(text: String) -> Self;
}

impl Said for String {
    fn said(text: String) -> Self {
        text
    }
}

impl Said for &'static str {
    fn said(text: String) -> Self {
        kept(text)
    }
}

/// Whoever answers for a language.
pub(super) type Speaker = Box<dyn Fn(&[u8]) -> Option<Vec<u8>>>;

/// What a language that is a program of its own answers; nothing to what it does not understand.
pub(crate) fn answer(messages: &Messages, question: &[u8]) -> Vec<u8> {
    let mut from = question;
    match Asked::take(&mut from) {
        Some(Asked::Texts) => {
            let mut out = Vec::new();
            messages.numbers.put(&mut out);
            messages.intro.as_slice().put(&mut out);
            messages.key_list.as_slice().put(&mut out);
            messages.texts().collect::<Vec<_>>().put(&mut out);
            out
        }
        Some(Asked::Made { number }) => {
            messages.make(number, &mut from).unwrap_or_default().into_bytes()
        }
        None => Vec::new(),
    }
}

/// The texts of a language that was fetched, which speaks from now on.
pub(super) fn carried(speaker: Speaker) -> Option<&'static Messages> {
    let messages = read(&speaker(&Asked::Texts.to_wire())?)?;
    SPEAKER.set(Some(speaker));
    Some(Box::leak(Box::new(messages)))
}

fn read(mut from: &[u8]) -> Option<Messages> {
    let numbers = NumberFormat::take(&mut from)?;
    let intro: Vec<String> = Take::take(&mut from)?;
    let intro: Vec<_> = intro.into_iter().map(kept).collect();
    let keys: Vec<(String, String)> = Take::take(&mut from)?;
    let keys: Vec<_> = keys.into_iter().map(|(key, what)| (kept(key), kept(what))).collect();
    let texts: Vec<String> = Take::take(&mut from)?;
    let texts: Vec<_> = texts.into_iter().map(kept).collect();
    let (intro, keys) = (intro.try_into().ok()?, keys.try_into().ok()?);
    Some(Messages::of(numbers, intro, keys, texts.try_into().ok()?))
}

/// Asks the language that speaks at present for a text.
pub(super) fn ask<S: Said>(number: u8, arguments: impl FnOnce(&mut Vec<u8>)) -> S {
    let mut question = Asked::Made { number }.to_wire();
    arguments(&mut question);
    S::said(asked(&question))
}

/// One for all texts: what differs between them is small.
fn asked(question: &[u8]) -> String {
    let answer = SPEAKER.with_borrow(|speaker| speaker.as_ref()?(question));
    answer.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
}

/// The same text for as long as the page lives. There are only so many: plain texts, and those that
/// are chosen among a few.
pub(crate) fn kept(text: String) -> &'static str {
    KEPT.with_borrow_mut(|all| {
        if let Some(same) = all.iter().find(|same| **same == text) {
            return *same;
        }
        let text: &'static str = Box::leak(text.into_boxed_str());
        all.push(text);
        text
    })
}

thread_local! {
    static SPEAKER: RefCell<Option<Speaker>> = const { RefCell::new(None) };
    static KEPT: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) };
}
