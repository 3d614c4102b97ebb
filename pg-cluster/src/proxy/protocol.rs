//! As much of PostgreSQL's protocol as it takes to count requests and to tell their replies apart. Nothing here does I/O.

/// The codes in the place of a protocol's version that ask whether the connection can be encrypted; the server says no with a bare byte.
const ENCRYPTION: [u32; 2] = [80_877_103, 80_877_104];

/// One message, as it is on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Message {
    /// The byte that says what it is; what begins a connection has none.
    pub(crate) kind: Option<u8>,
    pub(crate) bytes: Vec<u8>,
}

impl Message {
    fn asks_for_encryption(&self) -> bool {
        self.kind.is_none() && number(&self.bytes, 4).is_some_and(|code| ENCRYPTION.contains(&code))
    }

    /// Whether it ends a group of requests, which the server answers with one `ReadyForQuery`: Sync, Query, `FunctionCall`.
    fn ends_group(&self) -> bool {
        matches!(self.kind, Some(b'S' | b'Q' | b'F'))
    }

    /// Whether these bytes are somewhere in it.
    pub(crate) fn contains(&self, needle: &[u8]) -> bool {
        contains(&self.bytes, needle)
    }

    /// Whether it is a Bind one of whose parameters contains these bytes.
    pub(crate) fn binds(&self, needle: &[u8]) -> bool {
        self.kind == Some(b'B') && self.parameters().unwrap_or_default().iter().any(|one| contains(one, needle))
    }

    /// What a Bind binds, without the NULLs.
    fn parameters(&self) -> Option<Vec<&[u8]>> {
        let mut rest = self.bytes.get(5..)?;
        for _ in ["portal", "statement"] {
            let end = rest.iter().position(|byte| *byte == 0)?;
            rest = rest.get(end + 1..)?;
        }
        let formats = short(rest)?;
        rest = rest.get(2 + 2 * formats..)?;
        let count = short(rest)?;
        rest = rest.get(2..)?;
        let mut found = Vec::new();
        for _ in 0..count {
            let length = number(rest, 0)?;
            rest = rest.get(4..)?;
            if length != u32::MAX {
                let (one, after) = rest.split_at_checked(usize::try_from(length).ok()?)?;
                found.push(one);
                rest = after;
            }
        }
        Some(found)
    }
}

fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    needle.is_empty() || bytes.windows(needle.len()).any(|window| window == needle)
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn short(bytes: &[u8]) -> Option<usize> {
    Some(usize::from(u16::from_be_bytes(bytes.get(..2)?.try_into().ok()?)))
}

/// Cuts what arrives into messages; the beginning of one waits for its end.
#[derive(Debug, Default)]
struct Frames {
    waiting: Vec<u8>,
}

impl Frames {
    /// The next whole message: one without a kind, a bare byte, or the usual.
    fn next(&mut self, form: Form) -> Option<Message> {
        let (kind, length) = match form {
            Form::Bare => (None, 1),
            Form::Startup => (None, number(&self.waiting, 0)?),
            Form::Usual => (self.waiting.first().copied(), number(&self.waiting, 1)?.saturating_add(1)),
        };
        let length = usize::try_from(length).ok()?.max(1);
        if self.waiting.len() < length {
            return None;
        }
        let rest = self.waiting.split_off(length);
        Some(Message { kind, bytes: std::mem::replace(&mut self.waiting, rest) })
    }
}

#[derive(Clone, Copy)]
enum Form {
    Bare,
    Startup,
    Usual,
}

/// When a connection is cut: before a request is forwarded, or after, when its reply has come but was not passed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// The server never sees the request.
    BeforeForwarding,
    /// The server did what was asked, and the client does not know.
    AfterForwarding,
}

/// What is to be done with what came in.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) forward: Vec<u8>,
    /// How many Syncs that has.
    pub(crate) syncs: usize,
    /// How many round trips begin with that: groups that the client ended while it waited for no answer.
    pub(crate) round_trips: usize,
    /// Cut the connection once that is delivered.
    pub(crate) cut: bool,
}

/// Both directions of a connection. A group is what stands between two Syncs: its replies end with one `ReadyForQuery`.
#[derive(Debug, Default)]
pub(crate) struct Conversation {
    client: Frames,
    server: Frames,
    started: bool,
    /// Bare bytes that the server owes.
    bare: u32,
    /// How many groups the client has ended, with the start of the connection as the first.
    asked: u64,
    /// How many the server has answered.
    answered: u64,
    plan: Option<Plan>,
}

/// The fault of this connection.
#[derive(Debug, Clone, Copy)]
struct Plan {
    when: When,
    /// The replies to so many groups are passed on.
    pass: u64,
}

impl Plan {
    fn due(self, answered: u64) -> bool {
        answered >= self.pass + u64::from(self.when == When::AfterForwarding)
    }
}

impl Conversation {
    /// Takes what the client sent. `fault` sees every message and may want a cut at it.
    pub(crate) fn hear_client(&mut self, bytes: &[u8], fault: &mut dyn FnMut(&Message) -> Option<When>) -> Verdict {
        self.client.waiting.extend_from_slice(bytes);
        let mut verdict = Verdict::default();
        while let Some(message) = self.client.next(if self.started { Form::Usual } else { Form::Startup }) {
            if self.plan.is_none() {
                self.plan = fault(&message).map(|when| Plan { when, pass: self.asked });
            }
            if self.plan.is_some_and(|plan| plan.when == When::BeforeForwarding) {
                break;
            }
            let waits = self.asked > self.answered;
            if message.asks_for_encryption() {
                self.bare += 1;
            } else if !self.started {
                self.started = true;
                self.asked = 1;
            } else if message.ends_group() {
                self.asked += 1;
                verdict.round_trips += usize::from(!waits);
            }
            verdict.syncs += usize::from(message.kind == Some(b'S'));
            verdict.forward.extend(message.bytes);
        }
        let before = self.plan.filter(|plan| plan.when == When::BeforeForwarding);
        verdict.cut = before.is_some_and(|plan| plan.due(self.answered));
        verdict
    }

    /// Takes what the server sent.
    pub(crate) fn hear_server(&mut self, bytes: &[u8]) -> Verdict {
        self.server.waiting.extend_from_slice(bytes);
        let mut verdict = Verdict::default();
        while let Some(message) = self.server.next(if self.bare > 0 { Form::Bare } else { Form::Usual }) {
            self.bare = self.bare.saturating_sub(1);
            if self.plan.is_none_or(|plan| self.answered < plan.pass) {
                verdict.forward.extend(&message.bytes);
            }
            if message.kind == Some(b'Z') {
                self.answered += 1;
                verdict.cut |= self.plan.is_some_and(|plan| plan.due(self.answered));
            }
        }
        verdict
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(kind: u8, body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len() + 4).unwrap().to_be_bytes();
        [&[kind][..], &length, body].concat()
    }

    fn startup(code: u32) -> Vec<u8> {
        [8_u32.to_be_bytes(), code.to_be_bytes()].concat()
    }

    fn bind(parameters: &[Option<&[u8]>]) -> Vec<u8> {
        let mut body = b"portal\0statement\0\0\x01\0\x01".to_vec();
        body.extend(u16::try_from(parameters.len()).unwrap().to_be_bytes());
        for parameter in parameters {
            let length = parameter.map_or(u32::MAX, |one| u32::try_from(one.len()).unwrap());
            body.extend(length.to_be_bytes());
            body.extend(parameter.unwrap_or_default());
        }
        message(b'B', &body)
    }

    /// A connection that has begun, with encryption refused.
    fn begun() -> Conversation {
        let mut conversation = Conversation::default();
        let none = &mut |_: &Message| None;
        assert_eq!(conversation.hear_client(&startup(80_877_103), none).forward, startup(80_877_103));
        assert_eq!(conversation.hear_server(b"N").forward, b"N");
        conversation.hear_client(&startup(196_608), none);
        conversation.hear_server(&[message(b'R', &[0; 4]), message(b'Z', b"I")].concat());
        conversation
    }

    /// A cut at messages of one kind.
    fn at(kind: u8, when: When) -> impl FnMut(&Message) -> Option<When> {
        move |message| (message.kind == Some(kind)).then_some(when)
    }

    #[test]
    fn messages_are_put_together_from_pieces_and_keep_their_bytes() {
        let mut conversation = begun();
        let sent = [message(b'P', b"name\0SELECT 1\0\0\0"), message(b'S', b"")].concat();
        let (mut kinds, mut forwarded) = (Vec::new(), Vec::new());
        for byte in &sent {
            let seen = &mut |message: &Message| {
                kinds.push(message.kind.unwrap());
                None
            };
            forwarded.extend(conversation.hear_client(&[*byte], seen).forward);
        }
        assert_eq!((kinds, forwarded), (b"PS".to_vec(), sent));
    }

    #[test]
    fn a_bind_is_known_by_its_parameters_and_not_by_the_name_of_its_statement() {
        let bytes = bind(&[Some(b"7"), None, Some(b"ualice")]);
        let message = Message { kind: Some(b'B'), bytes: bytes.clone() };
        assert!(message.binds(b"alice"));
        assert!(!message.binds(b"statement"));
        assert!(message.contains(b"statement"));
        let torn = Message { kind: Some(b'B'), bytes: bytes[..bytes.len() - 3].to_vec() };
        assert!(!torn.binds(b"alice"));
    }

    #[test]
    fn a_cut_before_a_request_waits_for_the_replies_to_those_before_it() {
        let mut conversation = begun();
        let first = [message(b'P', b"\0\0\0\0"), message(b'S', b"")].concat();
        let sent = [first.clone(), message(b'E', b"\0\0\0\0\0"), message(b'S', b"")].concat();
        let verdict = conversation.hear_client(&sent, &mut at(b'E', When::BeforeForwarding));
        assert_eq!(verdict, Verdict { forward: first, syncs: 1, round_trips: 1, cut: false });
        let reply = [message(b'1', b""), message(b'Z', b"I")].concat();
        assert_eq!(conversation.hear_server(&reply), Verdict { forward: reply, cut: true, ..Verdict::default() });
    }

    #[test]
    fn requests_sent_one_behind_the_other_are_one_round_trip() {
        let (mut conversation, none) = (begun(), &mut |_: &Message| None);
        let sent = [message(b'E', b"\0\0\0\0\0"), message(b'S', b"")].concat();
        let mut hear = |conversation: &mut Conversation| {
            let verdict = conversation.hear_client(&sent, none);
            (verdict.syncs, verdict.round_trips)
        };
        assert_eq!(hear(&mut conversation), (1, 1));
        assert_eq!(hear(&mut conversation), (1, 0), "the answer to the first has not come");
        conversation.hear_server(&message(b'Z', b"I"));
        assert_eq!(hear(&mut conversation), (1, 0), "the answer to the second has not come");
        conversation.hear_server(&[message(b'Z', b"I"), message(b'Z', b"I")].concat());
        assert_eq!(hear(&mut conversation), (1, 1));
    }

    #[test]
    fn a_cut_before_a_request_is_at_once_where_nothing_is_owed() {
        let verdict = begun().hear_client(&message(b'Q', b"COMMIT\0"), &mut at(b'Q', When::BeforeForwarding));
        assert_eq!(verdict, Verdict { cut: true, ..Verdict::default() });
    }

    #[test]
    fn a_cut_after_a_request_keeps_its_reply_back_and_passes_on_the_one_before_it() {
        let mut conversation = begun();
        let sent = [message(b'Q', b"SELECT\0"), message(b'E', b"\0\0\0\0\0"), message(b'S', b"")].concat();
        let verdict = conversation.hear_client(&sent, &mut at(b'E', When::AfterForwarding));
        assert_eq!(verdict, Verdict { forward: sent, syncs: 1, round_trips: 1, cut: false });
        let earlier = [message(b'C', b"SELECT 1\0"), message(b'Z', b"I")].concat();
        let begun = [earlier.clone(), message(b'C', b"INSERT 0 1\0")].concat();
        assert_eq!(conversation.hear_server(&begun), Verdict { forward: earlier, ..Verdict::default() });
        assert_eq!(conversation.hear_server(&message(b'Z', b"I")), Verdict { cut: true, ..Verdict::default() });
    }
}
