//! What no test shows, and why. A reason for something that a test does show is a mistake, which is told.

/// Documented codes of these families that this server never gives.
pub(crate) const NEVER: &[(u32, &str)] = &[
    (10003, "an unknown command is 60009 by its path"),
    (10011, "a body that is no JSON is 60003 before the group service sees it"),
    (50003, "60010 answers first (row 7 of the order of checks)"),
    (60005, "no request of this API can have it: the identifier's account is checked with its UserSig"),
    (60006, "an SDKAppID that is not known is 70020"),
    (60014, "the calls between the vendor's own services do not exist here"),
    (60018, "60007 and 60011 are the documented codes of the rates"),
    (60019, "60007 and 60011 are the documented codes of the rates"),
    (70016, "there is one kind of UserSig, version 2"),
    (70050, "nothing counts attempts of a UserSig"),
    (70051, "nobody is blocked"),
    (70398, "no edition limits the number of accounts"),
    (70403, "60010 answers first (row 7 of the order of checks)"),
    (71000, "accounts are deleted in every edition (R-072)"),
    (90009, "60010 answers first (row 7 of the order of checks)"),
    (90010, "90002 and 90007 tell what of the body is not in the form of a message"),
    (93000, "80002 tells that a message is too long"),
];

/// What a command can give and no test makes it give: the command, the code or field, and why.
pub(crate) const UNSHOWN: &[(&str, &str, &str)] = &[];
