//! All routes, and the document that describes them.

use crate::platform::Platform;
use crate::problem::{Kind, Problem};
use crate::{
    accounts, activation, aside, audit, bulk, case_work, cases, check_ins, contacts, dashboard, data_protection, diary,
    doctor, duplicates, exports, exposures, guard, guest_lists, hand_overs, health, imports, jobs, list_requests,
    merges, message_templates, messages, occasions, outbreak, page, patient, persons, public_texts, quarantine,
    questionnaire, requests_between, rule_sets, runs, saved_views, session, sign_in, status, sure, territory,
    timeliness, tokens, unchanged, venues,
};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::IntoResponse;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use utoipa::OpenApi;
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, Http, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Largest body, in bytes, of requests that bring no file.
const MOST_BYTES: usize = 1 << 20;

#[derive(OpenApi)]
#[openapi(info(
    title = "Epitrace",
    description = "Contact tracing: from a confirmed infection to everyone who was exposed."
))]
struct Document;

fn routes() -> OpenApiRouter<Platform> {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(health::live))
        .routes(routes!(health::ready))
        .routes(routes!(health::figures))
        .routes(routes!(session::sign_in_page))
        .routes(routes!(session::sign_in, session::who_am_i, session::sign_out))
        .routes(routes!(session::act_in))
        .routes(routes!(session::open_invitation))
        .routes(routes!(session::accept_invitation))
        .routes(routes!(session::change_password))
        .routes(routes!(session::renew_recovery_codes))
        .routes(routes!(tokens::list_tokens, tokens::make_token))
        .routes(routes!(tokens::delete_token))
        .routes(routes!(accounts::list_accounts, accounts::create_account))
        .routes(routes!(accounts::change_account))
        .routes(routes!(accounts::invite_account))
        .routes(routes!(audit::list_audit))
        .routes(routes!(audit::list_operations))
        .routes(routes!(audit::verify_audit))
        .routes(routes!(cases::list_cases, case_work::open_case))
        .routes(routes!(cases::count_cases))
        .routes(routes!(cases::case_filters))
        .routes(routes!(cases::search_cases))
        .routes(routes!(cases::show_case, case_work::change_details))
        .routes(routes!(cases::case_history))
        .routes(routes!(case_work::case_work))
        .routes(routes!(case_work::change_status))
        .routes(routes!(case_work::note_positive_test))
        .routes(routes!(case_work::assign_case))
        .routes(routes!(case_work::list_assignees))
        .routes(routes!(case_work::note_call))
        .routes(routes!(case_work::write_comment))
        .routes(routes!(case_work::resolve_items))
        .routes(routes!(case_work::reopen_items))
        .routes(routes!(case_work::snooze_item))
        .routes(routes!(contacts::declared_contacts, contacts::declare_contact))
        .routes(routes!(contacts::delete_contact))
        .routes(routes!(contacts::origins_of_case))
        .routes(routes!(list_requests::stays_of_case, list_requests::note_stay))
        .routes(routes!(list_requests::change_stay, list_requests::delete_stay))
        .routes(routes!(list_requests::make_share_code))
        .routes(routes!(list_requests::list_requests_of_case, list_requests::ask_list))
        .routes(routes!(list_requests::withdraw_list))
        .routes(routes!(list_requests::guests_of_case))
        .routes(routes!(list_requests::make_contact_cases))
        .routes(routes!(list_requests::list_requests_of_venue))
        .routes(routes!(list_requests::release_list))
        .routes(routes!(requests_between::requests_elsewhere, requests_between::ask_elsewhere))
        .routes(routes!(requests_between::withdraw_elsewhere))
        .routes(routes!(requests_between::requests_from_others))
        .routes(routes!(requests_between::pass_on_request))
        .routes(routes!(requests_between::decline_request))
        .routes(routes!(quarantine::quarantine_of_case, quarantine::set_quarantine))
        .routes(routes!(quarantine::answer_proposal))
        .routes(routes!(quarantine::note_order_sent))
        .routes(routes!(quarantine::letters_of_case, quarantine::make_letter))
        .routes(routes!(quarantine::letter_pdf))
        .routes(routes!(quarantine::letter_sent))
        .routes(routes!(quarantine::letterhead, quarantine::change_letterhead))
        .routes(routes!(hand_overs::hand_overs_of_case, hand_overs::ask_hand_over))
        .routes(routes!(hand_overs::list_hand_overs))
        .routes(routes!(hand_overs::open_hand_overs))
        .routes(routes!(hand_overs::show_hand_over))
        .routes(routes!(hand_overs::accept_hand_over))
        .routes(routes!(hand_overs::refuse_hand_over))
        .routes(routes!(hand_overs::withdraw_hand_over))
        .routes(routes!(activation::activation, activation::invite_patient, activation::cancel_activation))
        .routes(routes!(activation::activation_letter))
        .routes(routes!(patient::open_code))
        .routes(routes!(patient::redeem_code))
        .routes(routes!(patient::sign_patient_in, patient::patient_session, patient::sign_patient_out))
        .routes(routes!(patient::change_patient_password))
        .routes(routes!(patient::delete_patient_account))
        .routes(routes!(patient::ask_reset))
        .routes(routes!(patient::redeem_reset))
        .routes(routes!(patient::own_cases, patient::redeem_another_code))
        .routes(routes!(patient::own_details, patient::change_own_details))
        .routes(routes!(patient::own_questionnaire, patient::answer_own_questionnaire))
        .routes(routes!(patient::own_contacts, patient::name_contact))
        .routes(routes!(patient::unname_contact))
        .routes(routes!(patient::say_own_none))
        .routes(routes!(patient::complete_enrolment))
        .routes(routes!(patient::ask_to_hand_over))
        .routes(routes!(patient::own_diary, patient::write_own_diary))
        .routes(routes!(patient::change_own_diary))
        .routes(routes!(patient::write_to_authority))
        .routes(routes!(patient::want_reminders))
        .routes(routes!(questionnaire::say_no_contacts))
        .routes(routes!(questionnaire::questionnaire, questionnaire::answer_questionnaire))
        .routes(routes!(diary::diary_of_case, diary::write_diary))
        .routes(routes!(diary::change_diary))
        .routes(routes!(diary::symptoms_of_disease))
        .routes(routes!(case_work::worklist))
        .routes(routes!(case_work::count_worklist))
        .routes(routes!(exposures::exposures_of_case))
        .routes(routes!(exposures::sources_of_case))
        .routes(routes!(persons::search_persons))
        .routes(routes!(persons::show_person))
        .routes(routes!(data_protection::person_file))
        .routes(routes!(data_protection::erase_person))
        .routes(routes!(duplicates::duplicates_of_draft))
        .routes(routes!(duplicates::duplicates_of_person))
        .routes(routes!(merges::preview_merge))
        .routes(routes!(merges::merge_persons))
        .routes(routes!(merges::merges_of_person))
        .routes(routes!(merges::undo_merge))
        .routes(routes!(merges::mark_distinct, merges::unmark_distinct))
        .routes(routes!(merges::possible_duplicates))
        .routes(routes!(exposures::exposures_of_person))
        .routes(routes!(exposures::sources_of_person))
        .routes(routes!(outbreak::outbreak_report))
        .routes(routes!(outbreak::outbreak_chains))
        .routes(routes!(dashboard::dashboard))
        .routes(routes!(timeliness::timeliness))
        .routes(routes!(timeliness::workload))
        .routes(routes!(jobs::list_jobs))
        .routes(routes!(jobs::show_job, jobs::cancel_job))
        .routes(routes!(jobs::watch_job))
        .routes(routes!(bulk::list_bulk, bulk::start_bulk))
        .routes(routes!(bulk::show_bulk))
        .routes(routes!(bulk::list_bulk_rows))
        .routes(routes!(bulk::undo_bulk))
        .routes(routes!(bulk::preview_invitations))
        .routes(routes!(imports::list_imports, imports::upload_import))
        .routes(routes!(imports::show_import, imports::delete_import))
        .routes(routes!(imports::preview_import))
        .routes(routes!(imports::check_import))
        .routes(routes!(imports::run_import))
        .routes(routes!(imports::list_refused))
        .routes(routes!(imports::download_refused))
        .routes(routes!(imports::correct_import))
        .routes(routes!(messages::list_messages))
        .routes(routes!(messages::count_messages))
        .routes(routes!(messages::show_message))
        .routes(routes!(messages::cancel_message))
        .routes(routes!(messages::retry_message))
        .routes(routes!(message_templates::list_templates))
        .routes(routes!(message_templates::change_template))
        .routes(routes!(message_templates::preview_template))
        .routes(routes!(territory::check_postcode))
        .routes(routes!(public_texts::read_public_texts))
        .routes(routes!(public_texts::read_public_text))
        .routes(routes!(public_texts::list_public_texts))
        .routes(routes!(public_texts::change_public_text))
        .routes(routes!(public_texts::public_text_versions))
        .routes(routes!(public_texts::preview_public_text))
        .routes(routes!(exports::export_cases))
        .routes(routes!(exports::export_selected))
        .routes(routes!(exports::line_list))
        .routes(routes!(exports::line_list_selected))
        .routes(routes!(exports::list_workbooks, exports::ask_for_workbook))
        .routes(routes!(exports::fetch_workbook, exports::delete_workbook))
        .routes(routes!(exports::enrolled_cases))
        .routes(routes!(saved_views::list_saved_views, saved_views::save_view))
        .routes(routes!(saved_views::delete_view))
        .routes(routes!(doctor::doctor))
        .routes(routes!(status::status))
        .routes(routes!(rule_sets::list_rule_sets, rule_sets::create_rule_set))
        .routes(routes!(rule_sets::rule_set_on))
        .routes(routes!(rule_sets::preview_rule_set))
        .routes(routes!(rule_sets::end_rule_set))
        .routes(routes!(venues::register_venue))
        .routes(routes!(venues::take_venue_link))
        .routes(routes!(venues::search_venues))
        .routes(routes!(venues::show_venue))
        .routes(routes!(venues::posters))
        .routes(routes!(venues::own_venues, venues::register_another_venue))
        .routes(routes!(venues::own_venue, venues::change_venue))
        .routes(routes!(venues::close_venue))
        .routes(routes!(venues::venue_staff, venues::invite_to_venue))
        .routes(routes!(venues::change_venue_role, venues::remove_from_venue))
        .routes(routes!(venues::take_back_invitation))
        .routes(routes!(guest_lists::own_guest_lists, guest_lists::open_guest_list))
        .routes(routes!(guest_lists::guest_list))
        .routes(routes!(guest_lists::guest_list_csv))
        .routes(routes!(guest_lists::guest_list_pdf))
        .routes(routes!(guest_lists::occupancy))
        .routes(routes!(guest_lists::confirm_visits))
        .routes(routes!(guest_lists::list_openings))
        .routes(routes!(occasions::list_occasions, occasions::make_occasion))
        .routes(routes!(occasions::show_occasion))
        .routes(routes!(occasions::close_occasion))
        .routes(routes!(occasions::open_visitors))
        .routes(routes!(occasions::read_visitors))
        .routes(routes!(occasions::visitors_csv))
        .routes(routes!(occasions::make_contacts_of_visitors))
        .routes(routes!(occasions::show_contact_step))
        .routes(routes!(occasions::hand_in_visitors))
        .routes(routes!(occasions::hand_in_by_form))
        .routes(routes!(occasions::check_occasion_code))
        .routes(routes!(guest_lists::guest_list_setting, guest_lists::change_guest_list_setting))
        .merge(runs::routes())
}

/// Returns the document that describes the API: OpenAPI 3.1.
#[must_use]
pub fn document() -> utoipa::openapi::OpenApi {
    let mut document = routes().merge(check_ins::routes()).into_openapi();
    let components = document.components.get_or_insert_default();
    components.add_security_scheme(
        "session",
        SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description(
            "epitrace_session",
            "The cookie of somebody who signed in; what changes something also needs x-epitrace-csrf",
        ))),
    );
    components.add_security_scheme(
        "patient",
        SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description(
            "epitrace_patient",
            "The cookie of a patient who signed in; what changes something also needs x-epitrace-csrf",
        ))),
    );
    let of_run = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("The key of a run, with which its nodes report"))
        .build();
    components.add_security_scheme("run_key", SecurityScheme::Http(of_run));
    components.add_security_scheme("token", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    let any: [&str; 0] = [];
    document.security = Some(vec![SecurityRequirement::new("session", any), SecurityRequirement::new("token", any)]);
    document
}

/// Returns the whole: API, health, page.
pub fn router(platform: Platform) -> Router {
    let (router, _) = routes().split_for_parts();
    router
        .method_not_allowed_fallback(|| async { Problem::new(Kind::MethodNotAllowed).into_response() })
        .fallback(page::page)
        .layer(DefaultBodyLimit::max(MOST_BYTES))
        .layer(from_fn(unchanged::tag))
        .layer(from_fn_with_state(platform.clone(), sure::require))
        .layer(from_fn(sign_in::renew_cookie))
        .layer(from_fn_with_state(platform.clone(), sign_in::keep_seen))
        .layer(from_fn_with_state(platform.clone(), aside::refuse))
        .layer(CatchPanicLayer::custom(guard::panicked))
        .layer(from_fn_with_state(platform.clone(), guard::guard))
        .layer(CompressionLayer::new())
        .merge(check_ins::router(&platform))
        .with_state(platform)
}
