//! `/metrics`, and what reads it: what is counted, in which form, that nothing of anybody is in it; and the files in `deploy/`, which name
//! only metrics that are there. Needs `promtool`, which `./test` puts into `target/tools` where the system has none.

use crate::support::{ADMINISTRATOR, APP, KEY, Reply, Server, query, request};
use cubby_pg_cluster::Cluster;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
}

fn read(path: &str) -> String {
    std::fs::read_to_string(workspace().join(path)).unwrap_or_else(|why| panic!("{path}: {why}"))
}

fn scrape(server: &Server) -> Reply {
    let reply = server.send(&request("GET", "/metrics", b""));
    assert_eq!(reply.status, 200);
    reply
}

fn page(server: &Server) -> String {
    String::from_utf8(scrape(server).body).unwrap()
}

/// The value of a sample, with its labels as the page writes them.
fn sample(page: &str, name: &str) -> Option<f64> {
    let line = page.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.map(|value| value.parse().unwrap())
}

/// A server with a store of each kind, each after a write, a query and a refusal.
fn servers() -> Vec<(&'static str, Server, Option<Cluster>)> {
    let app = format!("{APP}:{KEY}:ultimate");
    let cluster = Cluster::start();
    let url = cluster.database();
    let with = |flags: &[&str]| Server::start_with(&[&["--app", &app, "--call-rate", "0"], flags].concat());
    let all = vec![
        ("embedded", with(&[]), None),
        ("memory", with(&["--in-memory"]), None),
        ("postgres", with(&["--store", &url]), Some(cluster)),
    ];
    for (_, server, _) in &all {
        server.import(&["user20", "user1"]);
        let created =
            json!({"From_Account": "user20", "GroupContactItem": [{"GroupName": "test1", "ContactItem": []}]});
        assert_eq!(server.call("recentcontact/create_contact_group", &created)["ErrorCode"], 0);
        assert_eq!(server.call("recentcontact/get_contact_group", &json!({"From_Account": "user20"}))["ErrorCode"], 0);
        assert_eq!(
            server.call("recentcontact/get_contact_group", &json!({"From_Account": "none"}))["ErrorCode"],
            50001
        );
    }
    all
}

/// What a page says of each of its metrics: name and type.
fn metrics(page: &str) -> BTreeMap<String, String> {
    let types = page.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' '));
    types.map(|(name, kind)| (name.to_owned(), kind.to_owned())).collect()
}

/// Every metric of any kind of store.
fn all_metrics() -> BTreeMap<String, String> {
    servers().iter().flat_map(|(_, server, _)| metrics(&page(server))).collect()
}

fn promtool(arguments: &[&str], input: &str) {
    let own = workspace().join("target/tools/promtool");
    let program = if own.exists() { own } else { "promtool".into() };
    let mut command = Command::new(program);
    command.args(arguments).current_dir(workspace().join("deploy/prometheus"));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut process = command.spawn().unwrap_or_else(|why| panic!("promtool: {why}; ./test gets it"));
    process.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let run = process.wait_with_output().unwrap();
    let said = [run.stdout, run.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
    assert!(run.status.success(), "promtool {arguments:?}: {said}");
    if arguments == ["check", "metrics"] {
        // Its advice does not make it fail.
        assert_eq!(said, "");
    }
}

#[test]
fn a_reply_is_counted_under_its_command_and_its_code() {
    let server = Server::start();
    server.import(&["user20"]);
    let pinned = json!({"From_Account": "user20", "RecentContactItem": []});
    let refused = server.call("recentcontact/top", &pinned)["ErrorCode"].as_i64().unwrap();
    assert_ne!(refused, 0);
    assert_eq!(server.post("recentcontact/nothing", b"{}").code(), 60009);
    assert_eq!(server.post_with("recentcontact/top", &query().replace("usersig=", "usersig=x"), b"{}").code(), 70003);
    let page = page(&server);
    let count = |command: &str, code: i64| {
        sample(&page, &format!("cubby_requests_total{{command=\"{command}\",code=\"{code}\"}}"))
    };
    assert_eq!(count("im_open_login_svc/multiaccount_import", 0), Some(1.0));
    assert_eq!((count("recentcontact/top", refused), count("recentcontact/top", 70003)), (Some(1.0), Some(1.0)));
    assert_eq!(count("unknown", 60009), Some(1.0));
    assert_eq!((count("recentcontact/top", 0), count("recentcontact/top", 50004)), (Some(0.0), Some(0.0)));
    assert_eq!((count("recentcontact/top", 60008), count("recentcontact/top", 60007)), (Some(0.0), None));
    let took = |command: &str| sample(&page, &format!("cubby_request_duration_seconds_count{{command=\"{command}\"}}"));
    assert_eq!((took("recentcontact/top"), took("recentcontact/delete")), (Some(2.0), None));
}

#[test]
fn a_call_over_its_rate_is_counted() {
    let server = Server::start_with(&["--app", &format!("{APP}:{KEY}:ultimate"), "--call-rate", "1"]);
    let codes: Vec<i64> = (0..5).map(|_| server.post("recentcontact/top", b"{}").code()).collect();
    let over = codes.iter().filter(|code| **code == 60007).count();
    assert!(over > 0, "{codes:?}");
    let counted = sample(&page(&server), "cubby_requests_total{command=\"recentcontact/top\",code=\"60007\"}");
    assert_eq!(counted.map(|count| count.to_string()), Some(over.to_string()));
}

#[test]
fn openmetrics_is_for_who_asks_for_it() {
    let server = Server::start();
    let reply = scrape(&server);
    assert_eq!(reply.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    assert!(String::from_utf8(reply.body).unwrap().contains("# TYPE cubby_requests_total counter\n"));
    let accept = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.1";
    let asked = format!("GET /metrics HTTP/1.1\r\nHost: test\r\nAccept: {accept}\r\n\r\n");
    let reply = server.send(asked.as_bytes());
    assert_eq!(reply.header("content-type"), Some("application/openmetrics-text; version=1.0.0; charset=utf-8"));
    let text = String::from_utf8(reply.body).unwrap();
    assert!(text.contains("# TYPE cubby_requests counter\n") && text.ends_with("# EOF\n"), "{text}");
}

#[test]
fn what_there_is_of_connections_requests_and_applications_is_shown() {
    let server = Server::start();
    let idle: Vec<_> = (0..3).map(|_| server.connect()).collect();
    let mut busy = server.connect();
    busy.write_all(b"GET /health HTTP/1.1\r\nHost: test\r\n\r\n").unwrap();
    crate::support::read_reply(&mut busy).unwrap();
    let mut open = 0.0;
    // A connection is there once the server has taken it in.
    for _ in 0..1000 {
        open = sample(&page(&server), "cubby_connections").unwrap();
        if open >= 5.0 {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    assert!(open >= 5.0, "{open}");
    drop(idle);
    let page = page(&server);
    assert_eq!(sample(&page, "cubby_requests_in_hand"), Some(0.0));
    assert_eq!(sample(&page, "cubby_applications"), Some(1.0));
    assert_eq!(sample(&page, "cubby_store_health{state=\"serving\"}"), Some(1.0));
    assert_eq!(sample(&page, "cubby_store_health{state=\"failed\"}"), Some(0.0));
    let started = sample(&page, "process_start_time_seconds").unwrap();
    #[expect(clippy::cast_precision_loss, reason = "seconds of this century are whole in a double")]
    let now = crate::support::now() as f64;
    assert!((now - 600.0..=now).contains(&started), "{started} is not just before {now}");
}

#[test]
fn each_engine_tells_of_its_writes() {
    for (engine, server, _cluster) in servers() {
        let page = page(&server);
        let commits = sample(&page, "cubby_store_commit_duration_seconds_count");
        let took = sample(&page, "cubby_store_commit_duration_seconds_sum");
        match engine {
            "memory" => assert_eq!((commits, sample(&page, "cubby_store_queue")), (None, None)),
            "embedded" => {
                // The application, the accounts, the contact group; what was refused is written nowhere.
                assert_eq!(commits, Some(3.0), "{page}");
                assert_eq!(sample(&page, "cubby_store_batch_commands_sum"), Some(3.0));
                assert!(sample(&page, "cubby_store_batch_bytes_sum") > Some(100.0));
                assert!(took > Some(0.0) && sample(&page, "cubby_store_disk_bytes{part=\"journals\"}") > Some(0.0));
                assert_eq!(sample(&page, "cubby_store_queue_max"), Some(4096.0));
            }
            _ => {
                assert_eq!(commits, Some(3.0), "{page}");
                assert_eq!(sample(&page, "cubby_store_round_trips_total{kind=\"write\"}"), Some(3.0));
                assert!(sample(&page, "cubby_store_round_trips_total{kind=\"read\"}") >= Some(5.0));
                assert_eq!(sample(&page, "cubby_store_pool_connections_max"), Some(16.0));
                assert!(took > Some(0.0) && sample(&page, "cubby_store_pool_connections{state=\"idle\"}") > Some(0.0));
            }
        }
    }
}

#[test]
fn nothing_of_an_application_or_a_user_is_on_the_page() {
    for (engine, server, _cluster) in servers() {
        let page = page(&server);
        for secret in [KEY, ADMINISTRATOR, "user20", "test1", &APP.to_string(), &query()] {
            assert!(!page.contains(secret), "{engine} shows {secret}");
        }
    }
}

#[test]
fn without_metrics_the_path_is_one_that_no_command_has() {
    let app = format!("{APP}:{KEY}:ultimate");
    let server = Server::start_with(&["--app", &app, "--no-metrics"]);
    let (hidden, unknown) =
        (server.send(&request("GET", "/metrics", b"")), server.send(&request("GET", "/metric", b"")));
    assert_eq!((hidden.status, hidden.code()), (200, 60009));
    assert_eq!(hidden.json(), unknown.json());
}

#[test]
fn promtool_has_nothing_to_say_of_the_page() {
    for (_, server, _cluster) in servers() {
        promtool(&["check", "metrics"], &page(&server));
    }
}

#[test]
fn every_metric_is_in_the_paper_and_every_one_in_the_paper_is_there() {
    let paper = read("docs/metrics.md");
    let paper = paper.split("\n## Traces\n").next().unwrap();
    let row = |line: &str| {
        let mut cells = line.strip_prefix("| `")?.split(" | ");
        Some((cells.next()?.trim_end_matches('`').to_owned(), cells.next()?.to_owned()))
    };
    let described: BTreeMap<String, String> = paper.lines().filter_map(row).collect();
    assert_eq!(described, all_metrics());
}

#[test]
fn promtool_takes_the_files_of_the_deployment() {
    promtool(&["check", "config", "prometheus.yml"], "");
    promtool(&["check", "rules", "alerts.yml"], "");
    promtool(&["test", "rules", "alerts.test.yml"], "");
}

/// What in an expression looks like a metric of ours, without what a histogram adds.
fn named(expression: &str, found: &mut BTreeSet<String>) {
    let words = expression.split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'));
    for word in words.filter(|word| word.starts_with("cubby_") || word.starts_with("process_")) {
        let parts = ["_bucket", "_sum", "_count"];
        found.insert(parts.iter().find_map(|part| word.strip_suffix(part)).unwrap_or(word).to_owned());
    }
}

/// The texts of all members of that name, however deep.
fn members(value: &Value, name: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(members_of) => {
            for (key, value) in members_of {
                match value {
                    Value::String(text) if key == name => found.push(text.clone()),
                    value => members(value, name, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| members(item, name, found)),
        _ => {}
    }
}

#[test]
fn the_dashboard_and_the_alerts_name_metrics_that_are_there() {
    let mut wanted = BTreeSet::new();
    let dashboard: Value = serde_json::from_str(&read("deploy/grafana/cubby.json")).unwrap();
    let (mut expressions, mut sources) = (Vec::new(), Vec::new());
    members(&dashboard, "expr", &mut expressions);
    assert!(expressions.len() >= 12, "the dashboard has few expressions: {expressions:?}");
    for one in &expressions {
        named(one, &mut wanted);
    }
    members(&dashboard["panels"], "uid", &mut sources);
    assert!(sources.iter().all(|uid| uid == "${datasource}"), "a panel has a source of its own: {sources:?}");
    let shown = wanted.len();
    named(&read("deploy/prometheus/alerts.yml"), &mut wanted);
    let there: BTreeSet<String> = all_metrics().into_keys().collect();
    let missing: Vec<_> = wanted.difference(&there).collect();
    assert!(missing.is_empty(), "no server has {missing:?}");
    assert!(shown > 12, "{wanted:?}");
}

#[test]
fn every_alert_is_tested_and_the_paper_says_what_to_do() {
    let (rules, tests, paper) =
        (read("deploy/prometheus/alerts.yml"), read("deploy/prometheus/alerts.test.yml"), read("docs/operations.md"));
    let alerts: Vec<&str> = rules.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).collect();
    assert!(alerts.len() > 8, "{alerts:?}");
    for part in ["for: ", "severity: ", "summary: ", "runbook: "] {
        assert_eq!(rules.lines().filter(|line| line.trim().starts_with(part)).count(), alerts.len(), "{part}");
    }
    for alert in alerts {
        assert!(tests.contains(&format!("alertname: {alert}\n")), "no test of {alert}");
        assert!(paper.contains(&format!("| `{alert}` |")), "docs/operations.md does not tell of {alert}");
    }
}
