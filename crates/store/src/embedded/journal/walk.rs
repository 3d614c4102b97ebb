//! Walks one journal file as fjall 3.1.13's own reader does, to learn where that reader would stop and which batches it would replay. It changes nothing, and it does not judge what lies behind the stop: that is `scan` and the module above.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use xxhash_rust::xxh3::Xxh3;

use super::marker::{MARKER_KEY, MARKER_LEN, Marker};

/// The last bytes of every batch, as fjall writes them.
pub(super) const TRAILER: [u8; 4] = *b"FJL\x03";
const TAG_START: u8 = 1;
const TAG_ITEM: u8 = 2;
const TAG_END: u8 = 3;
const TAG_CLEAR: u8 = 4;

/// How far fjall's own sequence number of a batch may lie above the one that the marker announced. Only fjall's flushes and compactions come between the two, a handful; a flipped high bit is far beyond it.
const SEQNO_SLACK: u64 = 1 << 20;

/// One batch as the walk met it: our sequence, and fjall's.
#[derive(Clone, Copy, Debug)]
pub(super) struct Batch {
    pub(super) sequence: u64,
    pub(super) seqno: u64,
}

/// What the walk of one file found.
#[derive(Debug)]
pub(super) struct Walk {
    /// The last batch of this file, or else the one given as `previous`.
    pub(super) last: Option<Batch>,
    /// Where the last whole batch ends: fjall cuts the file here.
    pub(super) end: u64,
    pub(super) stop: Stop,
}

/// Why the walk stopped.
#[derive(Debug)]
pub(super) enum Stop {
    /// The file ended, between two batches or within one.
    EndOfFile,
    /// Bytes that are no journal entry: fjall stops here without an error.
    Unreadable { read_to: u64, what: &'static str },
    /// A batch that contradicts itself: fjall returns an error.
    Broken { what: &'static str },
    /// A batch that fjall would replay, and that our engine cannot have written at this place.
    Misplaced { what: String },
}

enum Halt {
    Eof,
    Unreadable(&'static str),
    Io(io::Error),
}

impl From<io::Error> for Halt {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::UnexpectedEof { Self::Eof } else { Self::Io(error) }
    }
}

enum Entry {
    Start { items: u32, seqno: u64 },
    Item { marker: Option<Marker> },
    Clear,
    End { checksum: u64 },
}

/// The batch that is being read.
struct Open {
    seqno: u64,
    missing: u32,
    marker: Option<Marker>,
    first_seen: bool,
}

/// Walks the journal at `path`. `previous` is the last batch of the files before it, and `first` the sequence that its first batch must have where that is known without one.
pub(super) fn walk(path: &Path, previous: Option<Batch>, first: Option<u64>) -> io::Result<Walk> {
    let mut reader =
        Reader { inner: BufReader::with_capacity(256 * 1024, File::open(path)?), position: 0, hasher: Xxh3::new() };
    let mut last = previous;
    let mut end = 0;
    let mut open: Option<Open> = None;
    let stop = loop {
        let entry = match reader.entry() {
            Ok(entry) => entry,
            Err(Halt::Eof) => break Stop::EndOfFile,
            Err(Halt::Unreadable(what)) => break Stop::Unreadable { read_to: reader.position, what },
            Err(Halt::Io(error)) => return Err(error),
        };
        match step(entry, &mut open, &mut reader.hasher) {
            Ok(None) => {}
            Ok(Some(closed)) => match place(&closed, last, first) {
                Ok(batch) => {
                    last = Some(batch);
                    end = reader.position;
                }
                Err(what) => break Stop::Misplaced { what },
            },
            Err(Refused::Silently(what)) => break Stop::Unreadable { read_to: reader.position, what },
            Err(Refused::Loudly(what)) => break Stop::Broken { what },
        }
    };
    Ok(Walk { last, end, stop })
}

enum Refused {
    Silently(&'static str),
    Loudly(&'static str),
}

/// One step of fjall's batch reader, with its order of checks: which of them are silent is what this module is about.
fn step(entry: Entry, open: &mut Option<Open>, hasher: &mut Xxh3) -> Result<Option<Open>, Refused> {
    match (entry, open.as_mut()) {
        (Entry::Start { .. }, Some(_)) => Err(Refused::Silently("a batch begins inside another one")),
        (Entry::Start { items, seqno }, None) => {
            *open = Some(Open { seqno, missing: items, marker: None, first_seen: false });
            Ok(None)
        }
        (_, None) => Err(Refused::Silently("a batch lacks its beginning")),
        (Entry::Item { marker }, Some(batch)) => {
            if !batch.first_seen {
                batch.marker = marker;
            }
            count(batch)
        }
        (Entry::Clear, Some(batch)) => count(batch),
        (Entry::End { checksum }, Some(batch)) => {
            if batch.missing > 0 {
                return Err(Refused::Loudly("a batch has fewer entries than it announced"));
            }
            if hasher.digest() != checksum {
                return Err(Refused::Loudly("a batch does not match its checksum"));
            }
            hasher.reset();
            Ok(open.take())
        }
    }
}

fn count(batch: &mut Open) -> Result<Option<Open>, Refused> {
    batch.first_seen = true;
    match batch.missing.checked_sub(1) {
        Some(missing) => {
            batch.missing = missing;
            Ok(None)
        }
        None => Err(Refused::Loudly("a batch has more entries than it announced")),
    }
}

/// Whether a whole batch may stand at this place. fjall's checksum does not cover its own sequence number, so a flipped bit there would go unnoticed and change which of two writes wins, or whether the batch is replayed at all: the marker holds a lower bound for it.
fn place(closed: &Open, previous: Option<Batch>, first: Option<u64>) -> Result<Batch, String> {
    let Some(marker) = closed.marker else {
        return Err("a batch without Cubby's marker".to_owned());
    };
    let expected = previous.map_or(first, |batch| batch.sequence.checked_add(1));
    if let Some(expected) = expected
        && marker.sequence != expected
    {
        return Err(format!("batch {} where batch {expected} must be", marker.sequence));
    }
    let in_order = previous.is_none_or(|batch| batch.seqno < marker.seqno_floor)
        && marker.seqno_floor <= closed.seqno
        && closed.seqno - marker.seqno_floor <= SEQNO_SLACK;
    if !in_order {
        return Err(format!("batch {} bears a sequence number of fjall's that it cannot have", marker.sequence));
    }
    Ok(Batch { sequence: marker.sequence, seqno: closed.seqno })
}

struct Reader {
    inner: BufReader<File>,
    position: u64,
    hasher: Xxh3,
}

impl Reader {
    fn entry(&mut self) -> Result<Entry, Halt> {
        match u8::from_le_bytes(self.bytes()?) {
            TAG_START => {
                Ok(Entry::Start { items: u32::from_le_bytes(self.bytes()?), seqno: u64::from_le_bytes(self.bytes()?) })
            }
            TAG_ITEM => self.item(),
            TAG_END => {
                let checksum = u64::from_le_bytes(self.bytes()?);
                if self.bytes()? == TRAILER {
                    Ok(Entry::End { checksum })
                } else {
                    Err(Halt::Unreadable("a batch's last bytes are wrong"))
                }
            }
            TAG_CLEAR => {
                let keyspace = self.bytes::<8>()?;
                self.hasher.update(&[TAG_CLEAR]);
                self.hasher.update(&keyspace);
                Ok(Entry::Clear)
            }
            _ => Err(Halt::Unreadable("an entry of an unknown kind")),
        }
    }

    fn item(&mut self) -> Result<Entry, Halt> {
        let value_type = self.bytes::<1>()?;
        if !matches!(value_type, [0 | 1 | 2 | 4]) {
            return Err(Halt::Unreadable("a value of an unknown kind"));
        }
        if self.bytes()? != [0_u8] {
            return Err(Halt::Unreadable("a value with an unknown compression"));
        }
        let keyspace = self.bytes::<8>()?;
        let key_len = self.bytes::<2>()?;
        let value_len = self.bytes::<4>()?;
        // fjall hashes the second length twice, so that its checksum cannot see a flipped bit in the first one.
        if self.bytes()? != value_len {
            return Err(Halt::Unreadable("two lengths of one value disagree"));
        }
        for part in [&[TAG_ITEM], &value_type[..], &[0], &keyspace, &key_len, &value_len, &value_len] {
            self.hasher.update(part);
        }
        let (key_len, value_len) = (u16::from_le_bytes(key_len), u32::from_le_bytes(value_len));
        let may_be_marker = value_type == [0]
            && usize::from(key_len) == MARKER_KEY.len()
            && usize::try_from(value_len) == Ok(MARKER_LEN);
        if !may_be_marker {
            self.pass(u64::from(key_len) + u64::from(value_len))?;
            return Ok(Entry::Item { marker: None });
        }
        let key = self.bytes::<{ MARKER_KEY.len() }>()?;
        let value = self.bytes::<MARKER_LEN>()?;
        self.hasher.update(&key);
        self.hasher.update(&value);
        Ok(Entry::Item { marker: if key == *MARKER_KEY { Marker::read(&value) } else { None } })
    }

    fn bytes<const N: usize>(&mut self) -> Result<[u8; N], Halt> {
        let mut bytes = [0; N];
        self.inner.read_exact(&mut bytes)?;
        self.position += N as u64;
        Ok(bytes)
    }

    /// Reads and hashes `left` bytes without holding them: a damaged length may be 4 GiB.
    fn pass(&mut self, mut left: u64) -> Result<(), Halt> {
        while left > 0 {
            let buffer = match self.inner.fill_buf() {
                Ok(buffer) => buffer,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error.into()),
            };
            let taken = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
            if taken == 0 {
                return Err(Halt::Eof);
            }
            self.hasher.update(buffer.get(..taken).unwrap_or_default());
            self.inner.consume(taken);
            self.position += taken as u64;
            left -= taken as u64;
        }
        Ok(())
    }
}

/// Reads exactly `N` bytes at `offset`, or none where the file is shorter.
pub(super) fn bytes_at<const N: usize>(path: &Path, offset: u64) -> io::Result<Option<[u8; N]>> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(offset))?;
    let mut bytes = [0; N];
    match file.read_exact(&mut bytes) {
        Ok(()) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error),
    }
}
