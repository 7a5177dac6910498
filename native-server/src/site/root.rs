//! A folder whose files are answered, and nothing outside it.
//!
//! Every path is opened beneath the folder's own descriptor, so that neither `..` nor a link leads
//! out, whatever somebody renames meanwhile. Links that stay inside are followed. Names that begin
//! with a dot are not served: what is in `.git` or `.env` was not meant for strangers. There is no
//! listing of folders, and no ranges.

use std::{
    fs::{File, Metadata},
    io::{self, ErrorKind, Read},
    path::{Path, PathBuf},
    sync::Arc,
};

use super::conditions::{self, Verdict};
use super::media_type::media_type;
use crate::http::{Body, HttpDate, Request, Response, Status, Target};

/// A folder whose files are answered.
#[derive(Clone, Debug)]
pub struct Root {
    folder: Arc<beneath::Folder>,
}

/// What is at a path.
enum Found {
    /// A file to be read, its facts, and the name that says what it is.
    File(File, Box<Metadata>, String),
    /// A folder that was asked for without its last slash.
    Folder,
    /// Nothing that is served.
    Nothing,
}

impl Root {
    /// Opens the folder.
    ///
    /// # Errors
    ///
    /// When it cannot be opened, or is no folder.
    pub fn open(path: &Path) -> io::Result<Self> {
        Ok(Self { folder: Arc::new(beneath::Folder::open(path)?) })
    }

    /// Answers a GET or HEAD with the file at the request's path; `None` where there is none.
    pub(super) fn answer(&self, request: &Request<'_>) -> Option<Response> {
        match self.find(&request.path()) {
            Ok(Found::File(file, facts, name)) => Some(answer_file(request, file, &facts, &name)),
            Ok(Found::Folder) => Some(
                Response::new(Status::PERMANENT_REDIRECT)
                    .with_field("Location", with_slash(request.target_form())),
            ),
            Ok(Found::Nothing) => None,
            Err(_) => Some(
                Response::new(Status::SERVICE_UNAVAILABLE)
                    .with_content_type(super::TEXT)
                    .with_field("Retry-After", 1)
                    .with_body("the file cannot be read now\n"),
            ),
        }
    }

    /// Whether something is served at this path.
    pub(super) fn has(&self, path: &str) -> bool {
        !matches!(self.find(path), Ok(Found::Nothing))
    }

    /// # Errors
    ///
    /// When the system could not look (no descriptor left, a broken disk): not when there is nothing.
    fn find(&self, path: &str) -> io::Result<Found> {
        let Some(path) = path.strip_prefix('/') else { return Ok(Found::Nothing) };
        let name = match path {
            "" => INDEX.to_owned(),
            folder if folder.ends_with('/') => format!("{folder}{INDEX}"),
            file => file.to_owned(),
        };
        if !name.split('/').all(is_plain) {
            return Ok(Found::Nothing);
        }
        let opened = self.folder.open_beneath(Path::new(&name));
        let found = opened.and_then(|file| file.metadata().map(|facts| (file, facts)));
        match found {
            Ok((file, facts)) if facts.is_file() => Ok(Found::File(file, Box::new(facts), name)),
            Ok((_, facts)) if facts.is_dir() && name == path => Ok(Found::Folder),
            // A pipe or a device has no length, and may never end; an index that is a folder is none.
            Ok(_) => Ok(Found::Nothing),
            Err(error) if is_nothing(&error) => Ok(Found::Nothing),
            Err(error) => Err(error),
        }
    }
}

/// Whether a part of a path may be the name of a file that is served, on every system.
fn is_plain(part: &str) -> bool {
    let is_odd = |c: char| c.is_control() || matches!(c, '\\' | ':');
    !part.is_empty() && !part.starts_with('.') && !part.contains(is_odd)
}

/// Whether the error says that there is nothing which is ours to serve.
fn is_nothing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::NotFound
            | ErrorKind::PermissionDenied
            | ErrorKind::NotADirectory
            | ErrorKind::InvalidFilename
            | ErrorKind::InvalidInput
            | ErrorKind::CrossesDevices
    ) || beneath::leads_nowhere(error)
}

/// The target with a slash after its path; relative to this host, whatever its form was.
fn with_slash(target: Target<'_>) -> String {
    match target {
        Target::Absolute { path, query, .. } | Target::Origin { path, query } => match query {
            Some(query) => format!("{path}/?{query}"),
            None => format!("{path}/"),
        },
        Target::Asterisk | Target::Authority(_) => {
            unreachable!("no folder is asked for with these")
        }
    }
}

fn answer_file(request: &Request<'_>, file: File, facts: &Metadata, name: &str) -> Response {
    let modified = facts.modified().ok();
    let dated = |response: Response| match modified {
        Some(modified) => response.with_field("Last-Modified", HttpDate::new(modified)),
        None => response,
    };
    match conditions::judge(request, modified) {
        Verdict::Go => {}
        Verdict::NotModified => return dated(Response::new(Status::NOT_MODIFIED)),
        Verdict::Failed => {
            return Response::new(Status::PRECONDITION_FAILED)
                .with_content_type(super::TEXT)
                .with_body("the file is not as the request wants it to be\n");
        }
    }
    let Ok(body) = body(file, facts.len()) else {
        return Response::new(Status::INTERNAL_SERVER_ERROR)
            .with_content_type(super::TEXT)
            .with_body("the file cannot be read\n");
    };
    let response = Response::new(Status::OK)
        .with_content_type(media_type(name))
        // Files of strangers are what their names say, whatever they begin with.
        .with_field("X-Content-Type-Options", "nosniff")
        .with_body(body);
    dated(response)
}

/// A small file is read at once, and goes out with its head in one piece.
fn body(mut file: File, len: u64) -> io::Result<Body> {
    if len > AT_ONCE {
        return Ok(Body::File { file: Arc::new(file), len });
    }
    let mut bytes = Vec::with_capacity(usize::try_from(len).unwrap_or(0));
    // Its length is what it has now: it may have grown, or become shorter.
    Read::by_ref(&mut file).take(len).read_to_end(&mut bytes)?;
    Ok(Body::from(bytes))
}

/// Opening beneath a folder, where the kernel can promise it.
#[cfg(target_os = "linux")]
mod beneath {
    use std::os::fd::OwnedFd;

    use rustix::fs::{Mode, OFlags, ResolveFlags};
    use rustix::io::Errno;

    use super::{File, Path, PathBuf, canonical, io};

    #[derive(Debug)]
    pub(super) struct Folder {
        descriptor: OwnedFd,
        path: PathBuf,
    }

    impl Folder {
        pub(super) fn open(path: &Path) -> io::Result<Self> {
            let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
            let descriptor = rustix::fs::open(path, flags, Mode::empty())?;
            Ok(Self { descriptor, path: path.canonicalize()? })
        }

        pub(super) fn open_beneath(&self, name: &Path) -> io::Result<File> {
            // Opening a pipe would wait for its other end, and a terminal would become ours.
            let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
            let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
            for _ in 0..RENAMED_MAX {
                match rustix::fs::openat2(&self.descriptor, name, flags, Mode::empty(), resolve) {
                    Ok(opened) => return Ok(File::from(opened)),
                    // Something on the way was renamed meanwhile: it may be outside now.
                    Err(Errno::AGAIN) => {}
                    // Linux before 5.6, or a sandbox that does not know the call.
                    Err(Errno::NOSYS | Errno::PERM) => return canonical::open(&self.path, name),
                    Err(error) => return Err(error.into()),
                }
            }
            Err(Errno::AGAIN.into())
        }
    }

    /// A loop of links; a link out of the folder; a socket; a device without a driver.
    pub(super) fn leads_nowhere(error: &io::Error) -> bool {
        let errno = Errno::from_io_error(error);
        errno.is_some_and(|errno| {
            matches!(errno, Errno::LOOP | Errno::XDEV | Errno::NXIO | Errno::NODEV)
        })
    }

    const RENAMED_MAX: u32 = 8;
}

/// Elsewhere the path is resolved first and checked then: whoever may write to the folder could
/// rename something in between.
#[cfg(not(target_os = "linux"))]
mod beneath {
    use super::{File, Path, PathBuf, canonical, io};

    #[derive(Debug)]
    pub(super) struct Folder {
        path: PathBuf,
    }

    impl Folder {
        pub(super) fn open(path: &Path) -> io::Result<Self> {
            let path = path.canonicalize()?;
            if path.is_dir() { Ok(Self { path }) } else { Err(io::ErrorKind::NotADirectory.into()) }
        }

        pub(super) fn open_beneath(&self, name: &Path) -> io::Result<File> {
            canonical::open(&self.path, name)
        }
    }

    pub(super) fn leads_nowhere(_error: &io::Error) -> bool {
        false
    }
}

/// The portable way: resolve, check, open.
mod canonical {
    use super::{ErrorKind, File, Path, io};

    /// Opens the file that `name` leads to, if that is in `folder`, which has no links in it.
    pub(super) fn open(folder: &Path, name: &Path) -> io::Result<File> {
        let path = folder.join(name).canonicalize()?;
        let facts = path.metadata()?;
        // Opening anything else might wait for its other end.
        if !path.starts_with(folder) || !(facts.is_file() || facts.is_dir()) {
            return Err(ErrorKind::NotFound.into());
        }
        File::open(path)
    }
}

/// What is answered for a folder.
const INDEX: &str = "index.html";

/// A file of at most this many bytes is read at once.
const AT_ONCE: u64 = 64 << 10;
