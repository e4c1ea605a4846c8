"""Attack 17: take the guards out one at a time; for each, some attack of this folder succeeds."""

import ast
from pathlib import Path

import pytest

HERE = Path(__file__).parent
NAMED = ("test_the_attack_", "test_without_", "test_with_exact_")
# Every guard that the promise rests on, and the attacks that succeed once it is gone.
GUARDS = {
    "shuffle": {"test_the_attack_reads_the_order_of_a_box_that_is_not_shuffled"},
    "shuffle, on a server": {"test_the_attack_ties_each_spender_to_a_slot_where_nothing_is_shuffled"},
    "padding": {"test_the_attack_sees_a_box_that_grows"},
    "fresh encryption": {"test_the_attack_sees_the_slot_that_changed_in_a_box_that_is_not_encrypted_anew"},
    "sealing": {"test_the_attack_finds_answers_that_are_not_sealed"},
    "means of kinds over printed communities only": {
        "test_without_the_choice_of_shown_communities_the_withheld_one_is_broken"
    },
    "crossed totals of municipalities": {"test_without_the_test_of_crossed_totals_a_few_teachers_are_seen"},
    "remainder check": {"test_without_the_remainder_rule_small_sets_are_broken"},
    "whole answers": {"test_without_the_gate_some_sets_are_solved"},
    "rounded means": {"test_with_exact_means_and_colleagues_who_never_change_the_guess_is_always_right"},
    "coarse means": {
        "test_with_exact_whole_numbers_nearly_every_joiner_of_ten_is_known",
        "test_without_coarse_means_the_annex_is_read_off_both",
        "test_without_coarse_means_late_forms_are_read",
    },
    "limits on the spread": {"test_without_limits_on_the_spread_whole_communities_are_laid_bare"},
    "gate": {"test_without_the_gate_small_cells_are_stored"},
    "truncation": {"test_the_attack_finds_remnants_where_nothing_is_wiped"},
    "destruction of the key": {"test_the_attack_opens_every_backup_where_the_key_is_left"},
    "overwritten keys": {"test_the_attack_reads_a_key_file_that_was_only_removed"},
    "destruction on every host": {
        "test_the_attack_opens_backups_with_two_disks_where_the_other_host_destroys_nothing",
    },
    "sealed shares": {"test_the_attack_finds_the_key_where_shares_are_not_sealed"},
    "no shares in backups": {
        "test_the_attack_opens_backups_that_hold_the_shares",
        "test_the_attack_opens_a_backup_with_one_folder_where_it_holds_the_shares",
    },
    "own share not on the own disk": {"test_the_attack_opens_backups_where_the_lost_host_kept_its_own_share"},
    "no key file once others can open": {"test_the_attack_opens_backups_where_the_key_file_was_kept"},
    "shares deleted": {"test_the_attack_finds_shares_that_the_count_does_not_delete"},
    "shares truncated": {"test_the_attack_finds_deleted_shares_where_their_table_is_not_rewritten"},
    "proofs of hosts": {"test_the_attack_gets_a_share_where_nobody_asks_for_the_proof"},
    "no shares for silent hosts": {"test_the_attack_gets_a_share_for_a_forgotten_host_where_silence_is_not_asked_for"},
    "keys not in memory": {"test_the_attack_finds_a_key_that_a_process_still_holds"},
    "spent codes": {"test_the_attack_votes_often_where_spent_is_not_checked"},
    "silent servers": {
        "test_the_attack_finds_marks_where_gunicorn_is_left_to_itself",
        "test_the_attack_finds_marks_where_nginx_is_not_silenced",
    },
    "equal lengths": {"test_the_attack_tells_answers_apart_where_pages_are_as_long_as_their_words"},
    "place, everywhere": {
        "test_the_attack_reads_its_neighbours_under_many_addresses_where_place_is_not_asked_for",
    },
    "frozen results": {"test_the_attack_sees_results_that_follow_todays_boundaries"},
    "place": {"test_the_attack_reads_its_neighbours_where_place_is_not_asked_for"},
    "brake": {"test_the_attack_guesses_on_where_nothing_slows_it"},
    "one refusal": {"test_the_attack_tells_spent_from_made_up_where_the_page_explains"},
    "shared computers": {"test_the_attack_reads_answers_where_spent_codes_still_open_pages"},
    "no time": {"test_the_attack_finds_a_time_that_is_written_down"},
    "no samples": {"test_the_attack_finds_digests_and_addresses_where_the_planner_may_sample_them"},
    "no runs": {"test_the_attack_finds_the_minutes_where_runs_are_not_forgotten"},
    "sealed letters": {"test_the_attack_finds_codes_in_letters_that_are_not_sealed"},
    "letters of one length": {"test_the_attack_tells_letters_apart_that_are_not_padded"},
    "letters gone when sent": {"test_the_attack_ties_letters_that_came_back_to_addresses_where_sent_ones_stay"},
}


def functions(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


def modules():
    found = {}
    for path in sorted(HERE.glob("test_[0-9][0-9]_*.py")):
        found.setdefault(int(path.name[5:7]), []).append(path)
    return found


def mutations(paths):
    """The tests of an attack that take a guard out."""
    return [name for path in paths for name in functions(path) if name.startswith(NAMED)]


def test_every_attack_is_there():
    assert set(modules()) == set(range(1, 19))


@pytest.mark.parametrize("number", sorted({*range(1, 19)} - {17}))
def test_every_attack_also_succeeds_against_a_product_without_its_guard(number):
    assert mutations(modules()[number])


@pytest.mark.parametrize("guard", GUARDS)
def test_a_guard_that_is_taken_out_lets_its_attack_succeed(guard):
    there = {name for paths in modules().values() for path in paths for name in functions(path)}
    assert GUARDS[guard] <= there


def test_no_mutant_stands_about_unused():
    made = set(functions(HERE / "mutants.py"))
    used = {
        node.attr
        for paths in modules().values()
        for path in paths
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "mutants"
    }
    assert made == used


def test_a_mutation_is_a_switch_of_the_tests_and_none_of_the_product():
    """No environment variable, setting or argument of the product turns a guard off."""
    words = ("mutant", "disable_shuffle", "skip_shuffle", "no_seal", "without_shuffle", "insecure")
    sources = (path.read_text(encoding="utf-8") for path in (HERE.parents[1] / "app").rglob("*.py"))
    assert not [word for source in sources for word in words if word in source]
