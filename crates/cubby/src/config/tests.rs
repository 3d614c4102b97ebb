//! The configuration's tests: precedence, what is refused, and that the sample file says the defaults.

use super::*;
use cubby_domain::{Edition, SdkAppId};

const SAMPLE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../cubby.sample.toml"));

fn of_file(text: &str) -> Result<Config> {
    let (entries, listed) = file::parse(Path::new("a.toml"), text)?;
    let mut config = Config::default();
    config.take(entries)?;
    config.apps = listed.into_iter().map(|given| given.app).collect();
    Ok(config)
}

fn refused(text: &str) -> String {
    of_file(text).map(|_| ()).unwrap_err().to_string()
}

fn values(config: &Config) -> Vec<(&'static str, Option<String>)> {
    keys().map(|key| (key.name, (key.read)(config))).collect()
}

/// The sample file with its commented settings (`#name = …`) made real.
fn uncommented() -> String {
    let setting = |line: &str| {
        let bare = line.strip_prefix('#').filter(|rest| rest.starts_with(|c: char| c.is_ascii_lowercase() || c == '['));
        bare.unwrap_or(line).to_owned()
    };
    SAMPLE.lines().map(setting).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_sample_file_says_the_defaults() {
    let sample = of_file(SAMPLE).unwrap();
    assert_eq!(values(&sample), values(&Config::default()));
    assert_eq!(sample.apps, []);
}

#[test]
fn the_sample_file_has_every_setting_and_its_commented_ones_are_taken() {
    let text = ["key_file = ", "url_file = ", "data_dir = ", "token_file = "]
        .iter()
        .fold(uncommented(), |text, other| text.replace(other, &format!("#{other}")));
    let config = of_file(&text).unwrap();
    let without_default = [
        "server.port_file",
        "server.call_rate",
        "tls.listen",
        "tls.cert",
        "tls.key",
        "tls.ca_file",
        "admin.token",
        "admin.seed",
        "traces.endpoint",
        "client.sdkappid",
        "client.key",
    ];
    for key in keys() {
        let set = (key.read)(&config).is_some();
        assert!(set && (config.sources.contains_key(key.name)), "the sample does not have {}", key.name);
        assert_eq!((key.read)(&Config::default()).is_none(), without_default.contains(&key.name), "{}", key.name);
    }
    let app = config.apps.first().expect("an application");
    assert_eq!((app.id, app.edition), (SdkAppId(1_400_000_001), Some(Edition::Ultimate)));
    assert!(!app.settings.is_empty());
    for spelling in spellings() {
        let name = spelling.name.rsplit('.').next().unwrap();
        assert!(SAMPLE.contains(&format!("#{name} = ")), "the sample does not have {}", spelling.name);
        assert!(SAMPLE.contains(spelling.env), "the sample does not name {}", spelling.env);
    }
    for env in keys().filter_map(|key| key.env).chain(["CUBBY_APP", "CUBBY_APP_FILE", "CUBBY_CONFIG"]) {
        assert!(SAMPLE.contains(env), "the sample does not name {env}");
    }
}

#[test]
fn what_is_shown_can_be_set() {
    let mut again = Config::default();
    for key in keys() {
        if let Some(value) = (key.read)(&Config::default()) {
            (key.write)(&mut again, &value).unwrap();
        }
    }
    assert_eq!(values(&again), values(&Config::default()));
}

#[test]
fn a_flag_wins_over_the_environment_and_the_environment_over_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("cubby.toml");
    let text = "[server]\nlisten = \"h:1\"\ncall_rate = 1\n[store]\ndata_dir = \"a\"\n[log]\nfilter = \"warn\"\n\
                [[app]]\nsdkappid = 7\nkey = \"file\"\n[[app]]\nsdkappid = 8\nkey = \"file\"\n[[app]]\nsdkappid = 9\nkey = \"file\"";
    std::fs::write(&path, text).unwrap();
    let environment = Environment::of(&[
        ("CUBBY_LISTEN", "h:2"),
        ("CUBBY_CALL_RATE", "2"),
        ("CUBBY_STORE", "memory:"),
        ("CUBBY_APP", "8:environment\n9:environment"),
    ]);
    let flags = Flags::default()
        .with("server.listen", "--listen", Some("h:3"))
        .with_apps(vec!["9:one:pro".to_owned(), "9:other".to_owned()]);
    let config = Config::merge(None, &path, &environment, flags).unwrap();
    assert_eq!((config.server.listen.as_str(), config.server.call_rate), ("h:3", Some(2)));
    assert_eq!((&config.store.place, config.log.filter.as_str()), (&Place::Memory, "warn"));
    assert_eq!(*config.source("server.listen"), Source::Flag("--listen"));
    assert_eq!(*config.source("server.call_rate"), Source::Environment("CUBBY_CALL_RATE"));
    assert_eq!(*config.source("store.url"), Source::Environment("CUBBY_STORE"));
    assert_eq!(*config.source("log.filter"), Source::File(path.clone()));
    assert_eq!(*config.source("log.format"), Source::Default);
    let apps: Vec<_> = config.apps.iter().map(|app| (app.id.0, app.key.reveal())).collect();
    assert_eq!(apps, [(7, "file"), (8, "environment"), (9, "one"), (9, "other")]);
}

#[test]
fn the_file_is_that_of_the_flag_else_of_the_environment_else_the_usual_one() {
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| {
        let path = directory.path().join(name);
        std::fs::write(&path, format!("client.identifier = \"{name}\"")).unwrap();
        path
    };
    let (flag, named, usual) = (path("flag"), path("environment"), path("usual"));
    let environment = Environment::of(&[("CUBBY_CONFIG", named.to_str().unwrap())]);
    let found = |file: Option<&Path>, environment: &Environment, usual: &Path| {
        Config::merge(file, usual, environment, Flags::default()).map(|config| config.client.identifier)
    };
    assert_eq!(found(Some(&flag), &environment, &usual).unwrap(), "flag");
    assert_eq!(found(None, &environment, &usual).unwrap(), "environment");
    assert_eq!(found(None, &Environment::default(), &usual).unwrap(), "usual");
    let missing = directory.path().join("missing");
    assert_eq!(found(None, &Environment::default(), &missing).unwrap(), "administrator");
    let why = found(Some(&missing), &environment, &usual).unwrap_err().to_string();
    assert!(why.contains("missing: "), "{why}");
}

#[test]
fn a_key_that_is_no_setting_is_an_error_that_names_it_and_the_file() {
    for (text, says) in [
        (
            "[server]\nlisen = \"x:1\"",
            "a.toml: there is no setting server.lisen; did you mean server.listen or tls.listen?",
        ),
        ("listen = \"x:1\"", "a.toml: there is no setting listen; did you mean server.listen or tls.listen?"),
        ("[servers]\nx = 1", "a.toml: there is no setting servers"),
        ("[servers]", "a.toml: there is no setting servers"),
        ("[server.listen]\nx = 1", "a.toml, server.listen"),
        (
            "[bounds.store]\nqueues = 1",
            "there is no setting bounds.store.queues; did you mean bounds.store.queue or bounds.postgres.queue?",
        ),
        (
            "[[app]]\nsdkappid = 1\nkey = \"k\"\neditions = \"pro\"",
            "no setting app.editions; did you mean app.edition?",
        ),
    ] {
        let why = refused(text);
        let says =
            if says == "a.toml, server.listen" { "file a.toml: server.listen takes a text in quotes" } else { says };
        assert!(why.contains(says), "{text:?}: {why}");
    }
}

#[test]
fn a_bad_value_is_told_with_its_setting_and_without_a_secret() {
    for (text, says) in [
        ("[server]\nlisten = 8787", "file a.toml: server.listen takes a text in quotes"),
        ("[server]\nlisten = \":1\"", "takes HOST:PORT"),
        ("[server]\ncall_rate = \"1\"", "server.call_rate takes a number"),
        ("[server]\ncall_rate = -1", "takes a number from 0"),
        ("[server]\ncall_rates = \"share:0\"", "server.call_rates takes per-server, share:N"),
        ("[server]\ncall_rates = \"share:\"", "or exact, not \"share:\""),
        ("[server]\ncall_rates = \"half\"", "or exact, not \"half\""),
        ("[server]\nmetrics = \"no\"", "server.metrics takes true or false"),
        ("[bounds.server]\nregistry_poll = \"2s\"", "takes a time from 1ms to 1s"),
        ("[store]\nurl = \"postgres:cubby:secretkey@db/cubby\"", "takes postgres://"),
        ("[tls]\nlisten = \":1\"", "takes HOST:PORT, such as 127.0.0.1:8443"),
        ("[tls]\nself_signed = \"true\"", "file a.toml: tls.self_signed takes true or false"),
        ("[tls]\ncert = \"\"", "tls.cert takes the path of a file"),
        ("[store]\nurl = \"secretkey\"", "embedded:DIR or memory:"),
        ("[store]\nurl = \"memory:\"\ndata_dir = \"x\"", "say the same thing twice"),
        ("[log]\nformat = \"xml\"", "takes text or json"),
        ("[log]\nfilter = \"cubby=loud\"", "takes off, error"),
        ("[traces]\nendpoint = \"127.0.0.1:4318\"", "traces.endpoint takes the URL of a collector"),
        ("[traces]\nservice_name = \"\"", "traces.service_name takes a name"),
        ("[client]\nkey = \"secretkey:\"", "client.key cannot be taken: the key has a colon"),
        ("[client]\nkey = \"secretkey\nx = 1", "a.toml, line 2: "),
        ("[client]\nkey_file = \"nowhere/at/all\"", "nowhere/at/all: "),
        ("[bounds.store]\nqueue = 0", "takes a number from 1"),
        ("[bounds.store]\nreaders = 513", "takes a number from 1 to 512"),
        ("[bounds.server]\nhead_bytes = 8192", "takes a number from 32768"),
        ("[bounds.server]\nhead_within = \"0s\"", "takes a time from 1ms"),
        ("app = 1", "listed as [[app]]"),
        ("[[app]]\nkey = \"secretkey\"", "has a number sdkappid"),
        ("[[app]]\nsdkappid = 7", "app 7: key or key_file is missing"),
        ("[[app]]\nsdkappid = 7\nkey = \"secretkey\"\nkey_file = \"x\"", "say the same thing twice"),
        ("[[app]]\nsdkappid = 7\nkey = \"secretkey\"\nedition = \"gold\"", "\"gold\" is no edition"),
        ("[[app]]\nsdkappid = 7\nkey = \"secretkey\"\nsettings.limit.conversations = 0", "limit.conversations takes"),
        ("[[app]]\nsdkappid = 7\nkey = \"secretkey\"\nsettings.limits = 1", "there is no setting limits"),
    ] {
        let why = refused(text);
        assert!(why.contains(says) && !why.contains("secretkey"), "{text:?}: {why}");
    }
}

#[test]
fn call_rates_hold_over_several_servers_in_one_of_three_ways() {
    for text in ["per-server", "share:1", "share:10000", "exact"] {
        let config = of_file(&format!("[server]\ncall_rates = \"{text}\"")).unwrap();
        assert_eq!(config.server.call_rates.to_string(), text);
    }
}

#[test]
fn an_applications_settings_may_be_written_as_tables_or_with_dots() {
    let text = "[[app]]\nsdkappid = 7\nkey = \"k\"\n[app.settings]\nadministrators = [\"a\", \"b\"]\nstrict_query = true\n\
                limit.conversations = 5\ncall_rate.\"recentcontact/mark_contact\" = 0";
    let mut settings = of_file(text).unwrap().apps.remove(0).settings;
    settings.sort();
    let wanted = [
        ("administrators", "a,b"),
        ("call_rate.recentcontact/mark_contact", "0"),
        ("limit.conversations", "5"),
        ("strict_query", "true"),
    ];
    assert_eq!(settings, wanted.map(|(name, value)| (name.to_owned(), value.to_owned())));
}

#[test]
fn a_secrets_file_is_read_without_its_line_end_and_shown_masked() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("key");
    for text in ["0123456789abcdef 0", "0123456789abcdef 0\n", "0123456789abcdef 0\r\n"] {
        std::fs::write(&path, text).unwrap();
        let environment = Environment::of(&[("CUBBY_KEY_FILE", path.to_str().unwrap())]);
        let config = Config::merge(None, &directory.path().join("none"), &environment, Flags::default()).unwrap();
        assert_eq!(config.client.key.as_ref().map(crate::secret::Secret::reveal), Some("0123456789abcdef 0"));
        let row = config.shown().into_iter().find(|[name, ..]| name == "client.key").unwrap();
        assert_eq!(row, ["client.key", "0123… (18 letters)", "environment CUBBY_KEY_FILE"]);
    }
    std::fs::write(&path, "\n").unwrap();
    let environment = Environment::of(&[("CUBBY_KEY_FILE", path.to_str().unwrap())]);
    assert!(Config::merge(None, &directory.path().join("none"), &environment, Flags::default()).is_err());
}

#[test]
fn a_variable_and_its_file_contradict_each_other() {
    for both in [["CUBBY_KEY", "CUBBY_KEY_FILE"], ["CUBBY_APP", "CUBBY_APP_FILE"], ["CUBBY_STORE", "CUBBY_DATA_DIR"]] {
        let environment =
            Environment::of(&both.map(|name| (name, if name == "CUBBY_STORE" { "memory:" } else { "/dev/null" })));
        let why = Config::merge(None, Path::new("none"), &environment, Flags::default()).unwrap_err().to_string();
        // A file is read before the two are compared, and an empty one is refused as such.
        assert!(why.contains("twice") || why.contains("empty"), "{why}");
    }
}
