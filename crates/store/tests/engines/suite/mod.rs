//! The suite: what every engine promises, a function a case. `suite!` makes a test of each case for an engine; the engines that keep
//! their data beyond the process have `suite_of_reopening!` too. The cases know the trait and nothing of the engine behind it.

pub mod applications;
pub mod atomicity;
pub mod chat_groups;
pub mod deletion;
pub mod order;
pub mod paging;
pub mod recent_contacts;
pub mod reopening;
pub mod separation;
pub mod state;
pub mod visibility;

/// One `#[tokio::test]` a case. `$engine` makes an empty store, in an `Arc`, and whatever must live as long.
macro_rules! suite {
    ($engine:expr) => {
        suite! { @module $engine; applications:
            an_application_is_kept_with_its_keys_and_settings,
            applications_are_listed_by_their_numbers,
            a_refused_change_of_an_application_changes_nothing,
            a_deleted_application_leaves_nothing_and_can_be_made_again,
            a_large_application_goes_step_by_step_and_is_whole_between_them,
        }
        suite! { @module $engine; atomicity:
            a_command_with_many_items_is_kept_whole,
            a_refused_command_changes_nothing,
            one_command_over_several_users_is_kept_whole,
            a_refused_command_over_several_users_changes_none_of_them,
            a_reader_sees_all_of_a_command_or_nothing_of_it,
        }
        suite! { @module $engine; chat_groups:
            chat_groups_are_listed_in_the_order_of_creation,
            the_listing_stands_while_chat_groups_come_and_go_between_the_pages,
            a_membership_is_seen_from_both_sides,
            a_destroyed_chat_group_leaves_no_membership_and_its_id_free,
        }
        suite! { @module $engine; deletion:
            a_contact_group_of_more_conversations_than_a_batch_has_room_for_goes_whole,
            a_deleted_account_leaves_nothing_that_a_reimport_shows,
            accounts_deleted_together_leave_the_others_whole,
        }
        suite! { @module $engine; order:
            group_ids_are_1_to_n_whoever_asks_at_once,
            a_limit_holds_whoever_asks_at_once,
            commands_of_one_user_at_once_leave_counters_that_equal_the_records,
            commands_on_one_chat_group_at_once_leave_counters_that_equal_the_records,
        }
        suite! { @module $engine; paging:
            what_stays_comes_exactly_once_whatever_changes_between_the_pages,
            pages_end_where_the_data_ends,
        }
        suite! { @module $engine; recent_contacts:
            a_message_moves_its_conversation_to_the_end_of_both_lists,
            those_beyond_the_number_are_kept_and_come_back,
            a_pin_makes_no_recent_contact_and_shows_as_soon_as_there_is_one,
            a_chat_group_stays_as_it_was_with_those_who_left_and_where_it_is_dissolved,
            a_message_to_a_chat_group_is_seen_by_every_member_however_many,
            what_is_unread_is_counted_by_whom_and_together_and_read_at_once,
            what_stays_in_the_list_comes_exactly_once_while_messages_and_pins_arrive,
            messages_at_once_are_all_counted_and_the_lists_are_whole,
            recent_contacts_and_sorted_conversations_leave_each_other_alone,
            a_deleted_account_leaves_no_recent_contacts_and_stays_in_the_lists_of_others,
            recent_contacts_of_users_whose_ids_are_prefixes_and_of_two_applications_are_apart,
        }
        suite! { @module $engine; separation:
            users_whose_ids_are_prefixes_of_each_other_share_nothing,
            chat_groups_whose_ids_are_prefixes_of_each_other_share_nothing,
            a_user_and_a_chat_group_of_one_id_are_two_conversations,
            two_applications_with_the_same_users_share_nothing,
        }
        suite! { @module $engine; state:
            what_was_read_comes_back_whatever_was_done_since,
            everything_goes_and_comes_back,
            what_is_as_wanted_is_not_written,
            places_are_exchanged,
            a_user_who_was_deleted_comes_back_and_goes_again,
            what_is_larger_than_the_bound_is_neither_read_nor_replaced,
            another_application_is_left_alone,
            accounts_are_listed_by_their_ids_whatever_their_length,
            a_reader_sees_the_data_before_or_after_and_nothing_between,
        }
        suite! { @module $engine; visibility:
            what_is_acknowledged_is_seen_by_the_next_query,
            what_is_acknowledged_is_seen_by_the_next_command,
        }
    };
    (@module $engine:expr; $module:ident: $($case:ident,)+) => {
        mod $module {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    let (store, _kept) = $engine;
                    $crate::suite::$module::$case(store).await;
                }
            )+
        }
    };
}

/// As `suite!`, where `$home` makes a [`reopening::Home`].
macro_rules! suite_of_reopening {
    ($home:expr) => {
        suite_of_reopening! { @module $home; reopening:
            everything_is_there_after_a_close,
            everything_acknowledged_is_there_where_nobody_closed,
            no_id_is_given_again_after_reopening,
            a_store_that_is_opened_again_and_again_stays_the_same,
            a_list_that_is_opened_again_after_each_message_stays_the_same,
        }
    };
    (@module $home:expr; $module:ident: $($case:ident,)+) => {
        mod $module {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    $crate::suite::$module::$case($home).await;
                }
            )+
        }
    };
}
