//! The Resource Controller API v2 and the Resource Manager API v2, as far as they are needed
//! (<https://cloud.ibm.com/apidocs/resource-controller/resource-controller>).

use super::cloud::{Call, Cloud};
use super::refusal::Refusal;
use super::step::{self, Step};
use crate::execute::storage::trouble::Trouble;
use crate::net::{encode, pairs};
use http::{Method, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::time::Duration;

/// More pages than this are no list of ours.
const MOST_PAGES: usize = 200;
/// Attempts at what must not be done twice.
const ATTEMPTS: u32 = 4;

#[derive(Deserialize)]
struct Page<T> {
    resources: Vec<T>,
    /// Of the next page, with its parameter `start`.
    #[serde(default)]
    next_url: Option<String>,
}

#[derive(Deserialize)]
struct Group {
    id: String,
    name: String,
    /// `ACTIVE`, unless it is deleted.
    #[serde(default)]
    state: Option<String>,
}

/// What came of a request to create something.
pub(super) enum Created<T> {
    /// It was created, as this.
    Now(T),
    /// Nobody knows. That long is waited before it is looked for.
    Perhaps(Duration),
}

impl Cloud {
    /// All resources of a list.
    pub(super) async fn list<T: DeserializeOwned>(
        &self,
        url: &str,
        query: &[(&str, &str)],
        step: &Step,
    ) -> Result<Vec<T>, Trouble> {
        let mut found = Vec::new();
        let mut start = String::new();
        for _ in 0..MOST_PAGES {
            let url = format!("{url}?{}{start}", pairs(query));
            let answer = self.ask(&Call::new(Method::GET, url, step)).await?;
            let page: Page<T> = self.json(&answer, step)?;
            found.extend(page.resources);
            match page.next_url.as_deref().and_then(start_of) {
                Some(next) => start = format!("&start={next}"),
                None => return Ok(found),
            }
        }
        Err(self.words.unreadable(step.what, "the list does not come to an end"))
    }

    /// One resource; none if there is none.
    pub(super) async fn get<T: DeserializeOwned>(
        &self,
        url: &str,
        crn: &str,
        step: &Step,
    ) -> Result<Option<T>, Trouble> {
        let answer = self.ask(&Call::new(Method::GET, format!("{url}/{}", encode(crn)), step)).await?;
        if Refusal::of(&answer).is_missing() {
            return Ok(None);
        }
        self.json(&answer, step).map(Some)
    }

    /// Creates a resource, but asks only once: a name may be given twice, and an answer that is lost says nothing.
    /// `attempt` is counted from 1; the last one fails.
    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        url: &str,
        body: &Value,
        step: &Step,
        attempt: u32,
    ) -> Result<Created<T>, Trouble> {
        let call = Call::new(Method::POST, url.to_owned(), step).body(body.to_string());
        let trouble = match self.ask_once(&call).await? {
            Ok(answer) if answer.status.is_success() => return self.json(&answer, step).map(Created::Now),
            Ok(answer) => {
                let trouble = Refusal::of(&answer).trouble(&self.words, step);
                let may_pass = answer.status.is_server_error()
                    || matches!(answer.status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT);
                if !may_pass {
                    return Err(trouble);
                }
                trouble
            }
            Err(failure) => self.words.no_answer(step.what, &failure),
        };
        let pause = Duration::from_secs(1 << (attempt - 1).min(8));
        if attempt >= ATTEMPTS { Err(trouble) } else { Ok(Created::Perhaps(pause)) }
    }

    /// The id of the resource group of that name in the account of the API key.
    pub(super) async fn group(&self, manager: &str, name: &str) -> Result<String, Trouble> {
        if name.is_empty() {
            let matter = "the resource group is not known; set spec.storage.ibmcos.resourceGroupName of Config/cluster";
            return Err(self.words.trouble("ResourceGroupUnknown", matter));
        }
        let account = self.account().await?;
        let url = format!("{manager}/v2/resource_groups");
        let query = [("account_id", account.as_str()), ("name", name)];
        let groups: Vec<Group> = self.list(&url, &query, &step::GROUP).await?;
        let is_active = |group: &Group| group.state.as_deref().is_none_or(|state| state.eq_ignore_ascii_case("active"));
        let found = groups.into_iter().find(|group| group.name == name && is_active(group));
        found.map(|group| group.id).ok_or_else(|| {
            let matter = format!(
                "the API key in {} sees no resource group {name} in account {account}; create it, set \
                 spec.storage.ibmcos.resourceGroupName of Config/cluster to another one, or give the identity of the \
                 API key the role {}",
                self.words.secret,
                step::GROUP.role
            );
            self.words.trouble("ResourceGroupMissing", &matter)
        })
    }

    /// The name of a resource group.
    pub(super) async fn group_name(&self, manager: &str, id: &str) -> Result<Option<String>, Trouble> {
        let group: Option<Group> = self.get(&format!("{manager}/v2/resource_groups"), id, &step::GROUP).await?;
        Ok(group.map(|group| group.name))
    }
}

/// The parameter `start` as it stands in a URL.
fn start_of(url: &str) -> Option<&str> {
    let query = url.split_once('?')?.1.split('#').next()?;
    query.split('&').find_map(|pair| pair.strip_prefix("start=")).filter(|start| !start.is_empty())
}

#[cfg(test)]
mod tests {
    use super::start_of;

    #[test]
    fn the_next_page_starts_where_its_url_says() {
        assert_eq!(start_of("/v2/resource_keys?limit=10&start=a%2Fb%3D"), Some("a%2Fb%3D"));
        assert_eq!(start_of("https://rc.example.com/v2/x?start=1#f"), Some("1"));
        assert_eq!(start_of("/v2/resource_keys?restart=1"), None);
        assert_eq!(start_of("/v2/resource_keys"), None);
    }
}
