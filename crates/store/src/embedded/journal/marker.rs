//! The marker: the first item of every batch, which numbers the batches so that a missing one is seen. It is not a version of any record, and nothing but the strict opening reads it.

/// The key of the marker. The engine's other keys begin with a byte of 0x01 or more.
pub(crate) const MARKER_KEY: &[u8] = b"\0commit";

/// The length of a marker's value: magic, sequence, floor, checksum.
pub(crate) const MARKER_LEN: usize = 16 + 8 + 8 + 4;

/// No UTF-8 text holds these bytes, so no name and no custom field can forge a marker.
pub(super) const MAGIC: [u8; 16] =
    [0xFF, 0xC1, 0xB7, 0x2E, 0x95, 0xFE, 0x43, 0xF8, 0x6A, 0xD1, 0xC0, 0x0C, 0x9B, 0xE7, 0xFD, 0x38];

/// A marker that was read back intact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Marker {
    pub(super) sequence: u64,
    /// fjall's own next sequence number, read before the batch was handed to it: the batch's own is no lower.
    pub(super) seqno_floor: u64,
}

impl Marker {
    pub(super) fn read(value: &[u8]) -> Option<Self> {
        let (body, checksum) = value.split_last_chunk::<4>()?;
        let (magic, numbers) = body.split_first_chunk::<16>()?;
        let (sequence, floor) = numbers.split_first_chunk::<8>()?;
        let floor: [u8; 8] = floor.try_into().ok()?;
        let intact = *magic == MAGIC && u32::from_le_bytes(*checksum) == crc32fast::hash(body);
        intact.then_some(Self { sequence: u64::from_le_bytes(*sequence), seqno_floor: u64::from_le_bytes(floor) })
    }
}

/// The value of the marker of batch `sequence` (1, 2, 3 …). `next_seqno` is `fjall::Database::seqno()`, read by the one writer just before it commits the batch.
pub(crate) fn marker_value(sequence: u64, next_seqno: u64) -> [u8; MARKER_LEN] {
    let mut value = [0; MARKER_LEN];
    let body = MAGIC.into_iter().chain(sequence.to_le_bytes()).chain(next_seqno.to_le_bytes());
    for (slot, byte) in value.iter_mut().zip(body) {
        *slot = byte;
    }
    if let Some((body, checksum)) = value.split_last_chunk_mut::<4>() {
        *checksum = crc32fast::hash(body).to_le_bytes();
    }
    value
}

/// The sequence in a marker's value, or nothing where the value is not an intact marker.
pub(crate) fn read_marker(value: &[u8]) -> Option<u64> {
    Marker::read(value).map(|marker| marker.sequence)
}
