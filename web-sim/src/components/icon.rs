//! Small drawings for buttons; a button's name is beside them or in its label.

use yew::prelude::*;

/// What is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Icon {
    Back,
    End,
    Minus,
    Moon,
    Pause,
    Play,
    Plus,
    Screen,
    Start,
    Step,
    Sun,
}

/// A drawing in the colour of the text around it, unseen by screen readers.
pub(crate) fn drawn(icon: Icon) -> Html {
    let path = match icon {
        Icon::Back => "M11 3 4 8l7 5z",
        Icon::End => "M3 3l7 5-7 5zM11 3h2v10h-2z",
        Icon::Minus => "M3 7h10v2H3z",
        Icon::Moon => "M6 2a6 6 0 1 0 8 8A5 5 0 0 1 6 2z",
        Icon::Pause => "M4 3h3v10H4zM9 3h3v10H9z",
        Icon::Play => "M4 2.5v11l9-5.500z",
        Icon::Plus => "M7 3h2v4h4v2H9v4H7V9H3V7h4z",
        Icon::Screen => "M1 2h14v9H1zM3 4v5h10V4zM7 11h2v2h2v1H5v-1h2z",
        Icon::Start => "M13 3 6 8l7 5zM3 3h2v10H3z",
        Icon::Step => "M5 3l7 5-7 5z",
        Icon::Sun => {
            "M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM7.300 1h1.400v2.200H7.300zM7.300 12.800h1.400V15H7.300zM1 7.300h2.200v1.400H1zM12.800 7.300H15v1.400h-2.200zM3.500 2.500 5 4 4 5 2.500 3.500zM12.500 2.500l1 1L12 5l-1-1zM4 11l1 1-1.500 1.500-1-1zM12 11l1.500 1.500-1 1L11 12z"
        }
    };
    html! {
        <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
            <path d={path} fill="currentColor" />
        </svg>
    }
}
