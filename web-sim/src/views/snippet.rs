//! What to put into another page so that it shows a moment, for each kind of page.

use crate::url::{Query, Resize};

/// Where a moment is to be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Host {
    /// Any HTML page, with `embed.js`: the frame is as high as its content.
    Html,
    /// A frame alone, for pages that take no scripts.
    Iframe,
    /// A chapter of an mdBook, in Markdown.
    MdBook,
    /// A page of Docusaurus, in MDX.
    Docusaurus,
    /// A document of Quarto.
    Quarto,
    /// A page of Jupyter Book, in its Markdown.
    JupyterBook,
    /// A page of Moodle or Canvas, in their editor's HTML view.
    Course,
}

impl Host {
    /// All of them.
    pub(crate) const ALL: [Self; 7] = [
        Self::Html,
        Self::Iframe,
        Self::MdBook,
        Self::Docusaurus,
        Self::Quarto,
        Self::JupyterBook,
        Self::Course,
    ];

    /// Its name, which is the same in every language.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Html => "HTML",
            Self::Iframe => "HTML, <iframe>",
            Self::MdBook => "mdBook",
            Self::Docusaurus => "Docusaurus",
            Self::Quarto => "Quarto",
            Self::JupyterBook => "Jupyter Book",
            Self::Course => "Moodle, Canvas",
        }
    }

    /// What to put there; `address` is the page's own, without a query.
    pub(crate) fn snippet(self, address: &str, query: &Query) -> String {
        let resize = if self == Self::Course { Resize::Lti } else { Resize::Own };
        let src = format!("{address}{}", Query { embed: true, resize, ..query.clone() });
        match self {
            Self::Html | Self::MdBook => element(address, query),
            Self::Iframe | Self::Course => iframe(&src),
            // MDX is JSX: a style is an object there.
            Self::Docusaurus => iframe(&src).replace("\"border:0\"", "{{border: 0}}"),
            Self::Quarto => format!("```{{=html}}\n{}\n```", iframe(&src)),
            Self::JupyterBook => format!("```{{raw}} html\n{}\n```", iframe(&src)),
        }
    }
}

/// The element that `embed.js` defines; an attribute for each parameter.
fn element(address: &str, query: &Query) -> String {
    let folder = &address[..address.rfind('/').map_or(0, |slash| slash + 1)];
    let query = Query { embed: false, ..query.clone() }.to_string();
    let pairs = query.trim_start_matches('?').split('&').filter(|pair| !pair.is_empty());
    let mut snippet = format!("<script src=\"{folder}embed.js\"></script>\n<scheduler-lab");
    for (name, value) in pairs.filter_map(|pair| pair.split_once('=')) {
        snippet.extend([" ", name, "=\"", value, "\""]);
    }
    snippet + "></scheduler-lab>"
}

fn iframe(src: &str) -> String {
    format!(
        "<iframe src=\"{}\" title=\"Scheduler Lab\" width=\"100%\" height=\"720\" style=\"border:0\" \
         sandbox=\"allow-scripts\"></iframe>",
        src.replace('&', "&amp;")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenarios::Shipped;

    #[test]
    fn each_host_gets_what_it_takes() {
        let query = Query { scenario: Some(Shipped::Flood), step: Some(12), ..Query::default() };
        let snippet = |host: Host| host.snippet("https://example.org/lab/index.html", &query);
        assert_eq!(
            snippet(Host::Html),
            "<script src=\"https://example.org/lab/embed.js\"></script>\n\
             <scheduler-lab scenario=\"flood\" step=\"12\"></scheduler-lab>"
        );
        assert_eq!(
            snippet(Host::Iframe),
            "<iframe src=\"https://example.org/lab/index.html?embed=1&amp;scenario=flood&amp;step=12\" \
             title=\"Scheduler Lab\" width=\"100%\" height=\"720\" style=\"border:0\" \
             sandbox=\"allow-scripts\"></iframe>"
        );
        assert!(snippet(Host::Docusaurus).contains("style={{border: 0}}"));
        assert!(snippet(Host::Quarto).starts_with("```{=html}\n<iframe"));
        assert!(snippet(Host::JupyterBook).starts_with("```{raw} html\n<iframe"));
        assert!(snippet(Host::Course).contains("&amp;resize=lti&amp;"));
    }
}
