//! Looks through the bytes behind the place where fjall would stop reading a journal: are they all zero, and which intact markers lie in them? It knows nothing of the entries between markers, so that damage cannot lead it astray.

use std::fs::File;
use std::io::{self, Read, Seek as _, SeekFrom};
use std::path::Path;

use super::marker::{MAGIC, MARKER_KEY, MARKER_LEN, read_marker};
use super::walk::{TRAILER, bytes_at};

const CHUNK: usize = 1 << 20;
const SECTOR: usize = 512;
static ZEROES: [u8; CHUNK] = [0; CHUNK];

/// How many bytes of the last chunk may hold the beginning of a marker that ends in the next one.
const OVERLAP: usize = MARKER_KEY.len() + MARKER_LEN - 1;

/// What lies behind a journal's last whole batch.
#[derive(Debug, Default)]
pub(super) struct Rest {
    /// Where the last byte lies that is not zero.
    pub(super) last_used: Option<u64>,
    /// The lowest and the highest sequence of the intact markers above the given one.
    pub(super) markers: Option<(u64, u64)>,
    /// A whole sector, or the part of one that begins the rest, is zero although later bytes are not: what a write that a power loss cut off may leave, for sectors reach the disk in any order.
    pub(super) has_hole: bool,
    /// The used bytes end as a batch ends: it was not cut off.
    pub(super) ends_whole: bool,
}

/// Scans the file at `path` from `from` for markers above `above`.
///
/// The bytes before `from` are whole batches whose markers the walk has read; scanning them again would only give a value that holds a copied marker a chance to be taken for one.
pub(super) fn scan(path: &Path, from: u64, above: u64) -> io::Result<Rest> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(from))?;
    let mut rest = Rest::default();
    let mut carry: Vec<u8> = Vec::new();
    let mut chunk = Vec::with_capacity(CHUNK);
    let mut position = from;
    let mut zero_sector = false;
    loop {
        // Ends every chunk at a multiple of its size, so that sectors are never split.
        let want = CHUNK as u64 - position % CHUNK as u64;
        chunk.clear();
        let got = Read::take(&mut file, want).read_to_end(&mut chunk)?;
        if got == 0 {
            break;
        }
        if is_zero(&chunk) {
            zero_sector = true;
        } else {
            let first = SECTOR - usize::try_from(position % SECTOR as u64).unwrap_or(0);
            let (head, tail) = chunk.split_at(first.min(chunk.len()));
            let mut at = position;
            for sector in std::iter::once(head).chain(tail.chunks(SECTOR)) {
                match sector.iter().rposition(|byte| *byte != 0) {
                    None => zero_sector |= !sector.is_empty(),
                    Some(last) => {
                        rest.has_hole |= zero_sector;
                        rest.last_used = Some(at + last as u64);
                    }
                }
                at += sector.len() as u64;
            }
        }
        carry.extend_from_slice(&chunk);
        if !is_zero(&carry) {
            note_markers(&carry, above, &mut rest);
        }
        carry.drain(..carry.len().saturating_sub(OVERLAP));
        position += got as u64;
    }
    rest.ends_whole = ends_whole(path, from, rest.last_used)?;
    Ok(rest)
}

fn is_zero(bytes: &[u8]) -> bool {
    // Comparing with zeroes is one call of memcmp, fast in a debug build too.
    bytes.chunks(CHUNK).all(|part| ZEROES.get(..part.len()) == Some(part))
}

fn note_markers(bytes: &[u8], above: u64, rest: &mut Rest) {
    let [first, ..] = MAGIC;
    for (at, byte) in bytes.iter().enumerate() {
        if *byte != first {
            continue;
        }
        let key = at.checked_sub(MARKER_KEY.len()).and_then(|start| bytes.get(start..at));
        let value = bytes.get(at..at + MARKER_LEN);
        if key == Some(MARKER_KEY)
            && let Some(sequence) = value.and_then(read_marker)
            && sequence > above
        {
            let (lowest, highest) = rest.markers.unwrap_or((sequence, sequence));
            rest.markers = Some((lowest.min(sequence), highest.max(sequence)));
        }
    }
}

fn ends_whole(path: &Path, from: u64, last_used: Option<u64>) -> io::Result<bool> {
    let length = TRAILER.len() as u64;
    let Some(start) = last_used.and_then(|last| (last + 1).checked_sub(length)) else {
        return Ok(false);
    };
    Ok(start >= from && bytes_at(path, start)? == Some(TRAILER))
}
