-- Who has been erased: their contact is destroyed, and none is recorded again under that id.
CREATE TABLE person_erased (
    event  uuid PRIMARY KEY,
    person uuid NOT NULL
);
CREATE INDEX person_erased_person ON person_erased (person);

CREATE VIEW erased AS
SELECT DISTINCT person FROM person_erased AS e
 WHERE NOT EXISTS (SELECT FROM corrected AS x WHERE x.event = e.event);
