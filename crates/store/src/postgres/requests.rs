//! The requests that wrote a partition last, in its head: after a connection was lost they tell whether a request was done, even where
//! another server has written since.

/// Names one attempt of one server to write; drawn at random.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RequestId(pub(super) u64);

/// How many a head keeps. A request of which nothing is heard looks at the head again within a second or two; where so many others were
/// written in between, it says that it does not know.
pub(super) const KEPT: usize = 8;

const BYTES: usize = size_of::<u64>();

/// The list with one more at its beginning.
pub(super) fn with(list: &[u8], request: RequestId) -> Vec<u8> {
    let kept = list.chunks_exact(BYTES).take(KEPT - 1);
    std::iter::once(request.0.to_be_bytes().as_slice()).chain(kept).flatten().copied().collect()
}

/// What a head tells of a request that may have made its next version out of `before`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// It was done.
    Done,
    /// It was not done, and never will be: the version that it would have made is another's.
    NotDone,
    /// It was not done, and may be on its way still: nothing was written since.
    NotYet,
    /// More has been written since than the head tells of.
    Unknown,
}

/// Looks for a request in the head that is there now.
pub(super) fn look(list: &[u8], version: u64, request: RequestId, before: u64) -> Told {
    let ids = list.chunks_exact(BYTES);
    if ids.clone().any(|id| id == request.0.to_be_bytes()) {
        Told::Done
    } else if version.saturating_sub(before) > ids.len() as u64 {
        Told::Unknown
    } else if version > before {
        Told::NotDone
    } else {
        Told::NotYet
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(ids: impl Iterator<Item = u64>) -> Vec<u8> {
        ids.fold(Vec::new(), |list, id| with(&list, RequestId(id)))
    }

    #[test]
    fn the_last_ones_are_kept_the_newest_first() {
        let kept = list(1..=20);
        assert_eq!(kept.len(), KEPT * BYTES);
        assert_eq!(look(&kept, 20, RequestId(20), 19), Told::Done);
        assert_eq!(look(&kept, 20, RequestId(13), 12), Told::Done);
    }

    #[test]
    fn one_that_is_not_there_was_not_done_unless_too_much_was_written_since() {
        assert_eq!(look(&list(1..=3), 3, RequestId(9), 3), Told::NotYet, "nothing was written since");
        assert_eq!(look(&list(1..=20), 20, RequestId(99), 12), Told::NotDone, "eight others were, and all are told of");
        assert_eq!(look(&list(1..=20), 20, RequestId(99), 11), Told::Unknown, "nine others were");
        assert_eq!(look(&[], 0, RequestId(9), 0), Told::NotYet, "there is no head yet");
    }
}
