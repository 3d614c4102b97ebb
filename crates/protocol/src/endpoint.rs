//! What an endpoint is: a command's place on the wire, how its body is read and how its reply is written.

use crate::codes::{Code, Denied, Failure, code};
use crate::decode::{Body, require_account_types};
use crate::field::{BadField, Fields};
use crate::openapi::Doc;
use cubby_domain::{ItemRefusal, Settings, UserId};

/// The family of a command: its codes for what every family has (bad parameter, internal error) differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// `recentcontact`: 50002, 50004, 50005.
    Contact,
    /// `im_open_login_svc`: 70402, 70500.
    Account,
    /// `group_open_http_svc`: 10004, 10002.
    ChatGroup,
    /// `openim`: 90001, 90994.
    Message,
}

/// What is true of every call of a command.
#[derive(Debug)]
pub struct Meta {
    /// The path under `/v4/`: service and command.
    pub path: &'static str,
    /// The family.
    pub family: Family,
    /// Whether its replies bear `ErrorDisplay`, as in its sample.
    pub error_display: bool,
    /// Calls a second, as documented.
    pub call_rate: u32,
    /// The page that documents it.
    pub source: &'static str,
    /// Its description.
    pub doc: &'static Doc,
}

impl Meta {
    /// The code of its family for an internal error.
    pub fn internal_error(&self) -> Code {
        code(self.family, &Failure::Internal)
    }
}

/// What a request needs of the application's edition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Any edition will do.
    Nothing,
    /// One that has contact groups and standard marks, else 51013.
    ContactGroups,
}

impl Need {
    /// Whether an application's edition meets it.
    pub fn is_met_by(self, settings: &Settings) -> bool {
        self == Self::Nothing || settings.has_contact_groups()
    }
}

/// What is known of a call before its body is read.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// Who calls: an administrator of the application.
    pub caller: &'a UserId,
    /// The application's settings.
    pub settings: &'a Settings,
}

/// A fault that was asked for: items that are refused whatever the rules say, before the command runs or only in its reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemFault {
    /// Which account or chat group; every item, where it names none.
    pub id: Option<String>,
    /// The code.
    pub code: u32,
    /// Whether the command passes the items over, rather than doing them and telling otherwise.
    pub before: bool,
}

impl ItemFault {
    /// The places of the items that it is about; refuses them where it comes before the command. What is refused anyway stays so.
    pub fn strike<T>(&self, items: &mut [Result<T, ItemRefusal>], id: impl Fn(&T) -> &str) -> Vec<usize> {
        let mut places = Vec::new();
        for (place, item) in items.iter_mut().enumerate() {
            let struck = item.as_ref().is_ok_and(|one| self.id.as_ref().is_none_or(|wanted| id(one) == wanted));
            if struck {
                places.push(place);
                if self.before {
                    *item = Err(ItemRefusal::AsAsked { code: self.code });
                }
            }
        }
        places
    }

    /// Tells in the reply that those items were refused.
    pub fn tell<T>(&self, results: &mut [Result<T, ItemRefusal>], places: &[usize]) {
        for place in places {
            if let Some(result) = results.get_mut(*place) {
                *result = Err(ItemRefusal::AsAsked { code: self.code });
            }
        }
    }
}

/// A command of `/v4`.
pub trait Endpoint: 'static {
    /// Its place on the wire.
    const META: Meta;
    /// The domain's command or query.
    type Action: Send;
    /// What of the request its reply repeats.
    type Asked: Send;
    /// What the action answers.
    type Reply: Send;

    /// Reads the body: row 10 of the contract's table, field by field in its order.
    ///
    /// # Errors
    /// The first field that is wrong.
    fn decode(body: &Fields<'_>, call: &Call<'_>) -> Result<(Self::Asked, Self::Action), BadField>;

    /// What the request needs of the edition: row 11. Search and get need nothing.
    fn need(_: &Self::Asked) -> Need {
        Need::Nothing
    }

    /// Strikes the items that have a result of their own; their places. A command without such items has none.
    fn strike(_: &mut Self::Action, _: &ItemFault) -> Vec<usize> {
        Vec::new()
    }

    /// Tells of struck items in the reply.
    fn tell(_: &mut Self::Reply, _: &ItemFault, _: &[usize]) {}

    /// Writes the reply.
    fn encode(asked: Self::Asked, reply: Self::Reply) -> Vec<u8>;
}

/// Reads a call's body: rows 8 to 11 of the contract's table.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn read<E: Endpoint>(body: &[u8], call: &Call<'_>) -> Result<(E::Asked, E::Action), Failure> {
    let body = Body::parse(body).map_err(Denied::from)?;
    let fields = body.fields();
    require_account_types(&fields).map_err(Failure::Field)?;
    let (asked, action) = E::decode(&fields, call).map_err(Failure::Field)?;
    if E::need(&asked).is_met_by(call.settings) { Ok((asked, action)) } else { Err(Failure::Edition) }
}
